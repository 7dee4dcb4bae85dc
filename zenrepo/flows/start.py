"""Start a run of a pipeline at a commit."""

from __future__ import annotations

from pathlib import Path

from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.capture import Chosen, project
from zenrepo.git import tree
from zenrepo.git.captured import keep
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import PipelineFile, read
from zenrepo.runs.follow import follow
from zenrepo.runs.journal import ASKED, Journal, Run
from zenrepo.runs.launch import start_worker
from zenrepo.runs.options import Options


def start(layout: Layout, pipeline: str, chosen: Chosen, *, cache: bool = True, wait: bool = True) -> Run:
    """Run a pipeline at a commit.

    Args:
        layout: of the repository.
        pipeline: its name.
        chosen: the commit, or the working tree that was captured as one.
        cache: whether earlier results may be re-used.
        wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
            else a worker is started and the run returned as queued.

    Returns:
        The run.

    Raises:
        UnknownName: if the commit holds no such pipeline.
    """
    _refuse_unknown(layout, pipeline, chosen)
    with Journal(layout.runs_db) as journal:
        run = _queue(layout, journal, pipeline, chosen, cache=cache)
        if wait:
            from zenrepo.flows.execute import work  # noqa: PLC0415  (its lock brings asyncio in, and look-ups import this)

            work(layout)
            for _ in follow(layout, journal, run.number):
                pass  # another worker may have taken it
        else:
            start_worker(layout)
        return journal.run(run.number)


def _refuse_unknown(layout: Layout, pipeline: str, chosen: Chosen) -> None:
    files = _files(layout, chosen.commit)
    if f"{pipeline}.yaml" not in files:
        where = "the working tree" if chosen.captured else f"commit {chosen.commit[:7]}"
        names = [Path(name).stem for name in files]
        raise UnknownName("pipeline", pipeline, names, f"{where} holds no {PIPELINES}/{pipeline}.yaml")


def _queue(layout: Layout, journal: Journal, pipeline: str, chosen: Chosen, *, cache: bool) -> Run:
    """Queue a run; nobody can drop what was captured between its being kept and its having a run."""
    options = Options(captured=chosen.captured)
    with journal.writing():
        if chosen.captured:
            keep(layout.common, project(layout), chosen.commit)
        return journal.add(pipeline, chosen.commit, layout.root, ASKED, cache=cache, options=options)


def refuse_uncommitted(layout: Layout, pipeline: PipelineFile, chosen: Chosen) -> None:
    """Refuse a pipeline whose file a commit does not hold, or that says something else there.

    Args:
        layout: of the repository.
        pipeline: what the file should say.
        chosen: the commit, or the working tree that was captured as one.

    Raises:
        UsageError: with what is still to do.
    """
    name = f"{pipeline.name}.yaml"
    path = f"{PIPELINES}/{name}"
    blob = _files(layout, chosen.commit).get(name)
    at = "in the working tree" if chosen.captured else f"at commit {chosen.commit[:7]}"
    then = "" if chosen.captured else f" and 'git add {path} && git commit'"
    if blob is None and not (layout.pipelines / name).is_file():
        raise UsageError(f"pipeline '{pipeline.name}' is not registered: it has no file", f"register() it{then}")
    if blob is None:
        raise UsageError(f"there is no '{path}' {at}, and a run reads it there", _way_to_have(path, chosen))
    if read(tree.content(layout.root, blob), path, layout.root) != pipeline:
        raise UsageError(
            f"'{path}' says something else {at} than this pipeline",
            f"register(replace=True){then}, or name the commit that has it: run(at=…)",
        )


def _way_to_have(path: str, chosen: Chosen) -> str:
    if chosen.captured:
        return "git ignores it: change .gitignore"
    return f"'git add {path} && git commit', or run what is not committed too: run(dirty='capture')"


def _files(layout: Layout, commit: str) -> dict[str, str]:
    """Give the blobs of a commit's pipeline files by their names."""
    blobs = tree.files(layout.root, commit, under=f"{layout.prefix}{PIPELINES}/")
    return {name: blob for name, blob in blobs.items() if name.endswith(".yaml")}
