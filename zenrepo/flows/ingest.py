"""Ingest a commit: snapshot its steps, find the pipelines that it affects, queue their runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zenrepo.database import PATIENCE
from zenrepo.errors import PipelineFileError, ZenrepoError
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history, tree
from zenrepo.git.history import Commit
from zenrepo.git.refs import Refs
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index, VersionRow
from zenrepo.layout import PIPELINES, Layout
from zenrepo.packed import pack, unpack
from zenrepo.runs.journal import Journal, Run
from zenrepo.values import NamedTuple


class Pipeline(NamedTuple):
    """What of a pipeline file decides whether a commit runs it.

    Args:
        name: the pipeline's name.
        events: those that run it.
        branches: globs of the branches whose commits do; all where it is empty.
        types: the types of steps and backends that it names without a pin.
        texts: every string among its arguments; those that are paths name its data.
        classes: the classes that its arguments name without a pin.
    """

    name: str
    events: list[str]
    branches: list[str]
    types: list[str]
    texts: list[str]
    classes: Sequence[str] = ()


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


def ingest(layout: Layout, refs: Refs | None = None, patience: float = PATIENCE) -> Ingested:
    """Take in the commit that HEAD points to.

    Args:
        layout: of the repository.
        refs: where the refs point, if somebody asked git a moment ago.
        patience: seconds to wait for another process that writes the index.

    Returns:
        What is new in it and what was queued because of it.

    Raises:
        Locked: when the patience is at its end; nothing was queued.
    """
    with caught_up(layout, refs, patience) as (index, (head, new)):
        last = new[-1] if new and new[-1].sha == head else None
        return _ingest(layout, index, last or history.commit(layout.folder, "HEAD", under=layout.prefix), None)


def ingest_later(layout: Layout, sha: str, branch: str, patience: float) -> Ingested | None:
    """Take in a commit that no hook could take in when it was made.

    Args:
        layout: of the repository.
        sha: the commit.
        branch: the branch that HEAD was on; empty where it was detached.
        patience: as in `ingest`.

    Returns:
        What came of it; ``None`` where no ref reaches it any more.

    Raises:
        Locked: as `ingest` does.
    """
    with caught_up(layout, None, patience) as (index, _):
        if not index.clock(sha):
            return None
        return _ingest(layout, index, history.commit(layout.folder, sha, under=layout.prefix), branch)


def _ingest(layout: Layout, index: Index, commit: Commit, branch: str | None) -> Ingested:
    ingested = Ingested(commit.sha, index.versions_in(commit.sha), [], [])
    types = {row.type for row in ingested.versions}
    changed = [path for path, _ in commit.changes]
    for pipeline in _pipelines(layout, index, commit.sha, ingested.broken):
        reason = _reason(pipeline, changed, types) or _changed_class(pipeline, changed, layout, index, commit.sha)
        if not (reason and _is_triggered(pipeline, "commit", layout, branch)):
            continue
        problem = _problem(layout, index, commit.sha, pipeline)
        if problem:
            ingested.broken.append(problem)
        else:
            ingested.runs.append(_queue(layout, pipeline.name, commit.sha, reason))
    return ingested


def _queue(layout: Layout, pipeline: str, sha: str, reason: str) -> Run:
    """Queue a run, unless a process that was killed right after it did so left the commit to this one."""
    with Journal(layout.own("runs.db")) as journal, journal.writing():
        same = (pipeline, sha, layout.folder, reason)
        queued = (run for run in journal.runs(pipeline) if (run.pipeline, run.commit, run.root, run.reason) == same)
        return next(queued, None) or journal.add(*same)


def _is_triggered(pipeline: Pipeline, event: str, layout: Layout, branch: str | None) -> bool:
    """Say whether an event on a branch, HEAD's where none is given, runs a pipeline."""
    if event not in pipeline.events or not pipeline.branches:
        return event in pipeline.events
    from fnmatch import fnmatchcase  # noqa: PLC0415  (it costs a hook 6 ms, and few pipelines name branches)

    on = history.branch(layout.folder) if branch is None else branch
    return any(fnmatchcase(on, glob) for glob in pipeline.branches)


def _problem(layout: Layout, index: Index, commit: str, pipeline: Pipeline) -> ZenrepoError | None:
    """Say why a pipeline cannot run at a commit: who made it should hear it now, and not from a run that failed."""
    from zenrepo.flows.resolve import read_checked  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits run one)

    path = f"{PIPELINES}/{pipeline.name}.yaml"
    text = tree.content(layout.folder, f"{commit}:{layout.prefix}{path}")
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


def _changed_class(pipeline: Pipeline, changed: list[str], layout: Layout, index: Index, sha: str) -> str:
    """Say which class that an argument names is in a file that changed, or imports one; empty for none."""
    if not pipeline.classes or not any(path.endswith(".py") for path in changed):
        return ""
    snapshots = Snapshots(layout, index)
    modules = snapshots.tree(snapshots.at(sha))
    for name in pipeline.classes:
        for module, _ in modules.find_absolute(name):
            if module and any(modules.modules[one].path in changed for one in modules.closure(module)):
                return f"{name} changed"
    return ""


def _is_under(path: str, text: str) -> bool:
    below = text.removeprefix("./").rstrip("/")
    return bool(below) and (path == below or path.startswith(below + "/"))


def _pipelines(layout: Layout, index: Index, commit: str, broken: list[ZenrepoError]) -> Iterator[Pipeline]:
    """Read the pipeline files of a commit, each distinct blob once."""
    for path, blob in Snapshots(layout, index).files_at(commit).items():
        if not (path.startswith(PIPELINES) and path.endswith(".yaml")):
            continue
        kept = index.pipeline(path, blob)
        if kept is None:
            try:
                kept = pack(_read(tree.content(layout.folder, blob), path))
            except PipelineFileError as error:
                broken.append(error)
                continue
            index.keep_pipeline(path, blob, kept)
        [name], *rest = unpack(kept)
        yield Pipeline(name, *rest)


def _read(text: bytes, path: str) -> list[Sequence[str]]:
    from zenrepo.pipeline_files.file import classes_in, read, texts  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits change a pipeline)

    pipeline = read(text, path)
    entries = [entry for _, entry in pipeline.entries()]
    types = [entry.type for entry in entries if not entry.pin]
    strings = [text for entry in entries for _, text in texts(entry.args) if "\0" not in text]
    classes = [name for entry in entries if not entry.pin for _, name in classes_in(entry.args) if "@" not in name]
    return [[pipeline.name], pipeline.trigger.on, pipeline.trigger.branches, types, strings, classes]
