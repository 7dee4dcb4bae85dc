"""Ingest a commit: snapshot its steps, find the pipelines that it affects, queue their runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from zenrepo.errors import PipelineFileError, ZenrepoError
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history, tree
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import PIPELINES, Layout
from zenrepo.runs.journal import Journal, Run


class Pipeline(NamedTuple):
    """What of a pipeline file decides whether a commit runs it.

    Args:
        name: the pipeline's name.
        events: those that run it.
        branches: globs of the branches whose commits do; all where it is empty.
        types: the step types that it names without a pin.
        texts: every string among its arguments; those that are paths name its data.
    """

    name: str
    events: list[str]
    branches: list[str]
    types: list[str]
    texts: list[str]


class Ingested(NamedTuple):
    """What came of a commit.

    Args:
        commit: its id.
        versions: the step versions that no commit before it had.
        runs: what was queued.
        broken: why pipelines of the commit cannot be read, or not run.
    """

    commit: str
    versions: list[VersionRow]
    runs: list[Run]
    broken: list[ZenrepoError]


def ingest(layout: Layout) -> Ingested:
    """Take in the commit that HEAD points to.

    Args:
        layout: of the repository.

    Returns:
        What is new in it and what was queued because of it.
    """
    with caught_up(layout) as (index, (head, new)):
        commit = new[-1] if new and new[-1].sha == head else history.head(layout.root, under=layout.prefix)
        ingested = Ingested(commit.sha, index.versions_in(commit.sha), [], [])
        types = {row.type for row in ingested.versions}
        changed = [path for path, _ in commit.changes]
        for pipeline in _pipelines(layout, index, commit.sha, ingested.broken):
            reason = _reason(pipeline, changed, types)
            if not (reason and _is_triggered(pipeline, "commit", layout)):
                continue
            problem = _problem(layout, index, commit.sha, pipeline)
            if problem:
                ingested.broken.append(problem)
            else:
                with Journal(layout.runs_db) as journal:
                    ingested.runs.append(journal.add(pipeline.name, commit.sha, layout.root, reason))
    return ingested


def _is_triggered(pipeline: Pipeline, event: str, layout: Layout) -> bool:
    if event not in pipeline.events:
        return False
    branch = history.branch(layout.root) if pipeline.branches else ""
    return not pipeline.branches or any(fnmatchcase(branch, glob) for glob in pipeline.branches)


def _problem(layout: Layout, index: Index, commit: str, pipeline: Pipeline) -> ZenrepoError | None:
    """Say why a pipeline cannot run at a commit: who made it should hear it now, and not from a run that failed."""
    from zenrepo.flows.resolve import read_checked  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits run one)

    path = f"{PIPELINES}/{pipeline.name}.yaml"
    text = tree.content(layout.root, f"{commit}:{layout.prefix}{path}")
    try:
        read_checked(layout, index, commit, path, text)
    except ZenrepoError as error:
        return error
    return None


def _reason(pipeline: Pipeline, changed: list[str], types: set[str]) -> str:
    """Say why a commit affects a pipeline; an empty string where it does not."""
    if f"{PIPELINES}/{pipeline.name}.yaml" in changed:
        return "its file changed"
    steps = sorted(types.intersection(pipeline.types))
    if steps:
        return f"{', '.join(steps)} changed"
    data = next((text for text in pipeline.texts for path in changed if _is_under(path, text)), "")
    return f"{data} changed" if data else ""


def _is_under(path: str, text: str) -> bool:
    below = text.removeprefix("./").rstrip("/")
    return bool(below) and (path == below or path.startswith(below + "/"))


def _pipelines(layout: Layout, index: Index, commit: str, broken: list[ZenrepoError]) -> Iterator[Pipeline]:
    """Read the pipeline files of a commit, each distinct blob once."""
    for path, blob in Snapshots(layout, index).at(commit).files.items():
        if not (path.startswith(PIPELINES) and path.endswith(".yaml")):
            continue
        kept = index.file(path, blob)
        if kept is None:
            try:
                kept = json.dumps(_read(tree.content(layout.root, blob), path))
            except PipelineFileError as error:
                broken.append(error)
                continue
            index.keep_file(path, blob, kept)
        yield Pipeline(*json.loads(kept))


def _read(text: bytes, path: str) -> list[object]:
    from zenrepo.pipeline_files.file import read, texts  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits change a pipeline)

    pipeline = read(text, path)
    types = [entry.type for entry in pipeline.steps.values() if not entry.pin]
    strings = [text for entry in pipeline.steps.values() for _, text in texts(entry.args)]
    return [pipeline.name, pipeline.trigger.on, pipeline.trigger.branches, types, strings]
