"""Start a run of a pipeline at a commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.planning.capture import Chosen, project
from zenrepo.flows.planning.wishes import refuse_wrong
from zenrepo.git import tree
from zenrepo.git.captured import keep
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import PipelineFile, read
from zenrepo.runs.journal import ASKED, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.processes.bell import ring
from zenrepo.runs.processes.worker_start import start_worker
from zenrepo.runs.watching.follow import follow

_NONE = Options()


def start(
    layout: Layout, pipeline: str, chosen: Chosen, options: Options = _NONE, *, cache: bool = True, wait: bool = True
) -> Run:
    """Run a pipeline at a commit, as its file says or as ``options`` ask for; see `start_all`."""
    [run] = start_all(layout, pipeline, chosen, [options], cache=cache, wait=wait)
    return run


def start_all(
    layout: Layout, pipeline: str, chosen: Chosen, wanted: Sequence[Options], *, cache: bool = True, wait: bool = True
) -> list[Run]:
    """Run a pipeline at a commit, once or several times.

    Args:
        layout: of the repository.
        pipeline: its name.
        chosen: the commit, or the working tree that was captured as one.
        wanted: what each run is asked for.
        cache: whether earlier results may be re-used.
        wait: whether to execute them in this process, with what is queued before, and return when they have ended;
            else a worker is started and the runs returned as queued.

    Returns:
        The runs.

    Raises:
        UnknownName: if the commit holds no such pipeline, or the pipeline no such step.
        UsageError: for settings that it does not take; nothing is queued then.
    """
    _refuse_unknown(layout, pipeline, chosen)
    refuse_wrong(layout, pipeline, chosen.commit, wanted)
    with Journal(layout.runs_db) as journal:
        runs = _queue(layout, journal, pipeline, chosen, wanted, cache=cache)
        if wait:
            from zenrepo.flows.execution.work import work  # noqa: PLC0415  (its lock brings asyncio in, and look-ups import this)

            if not ring(layout):  # a worker that waits for more is warm
                work(layout)
            for run in runs:
                for _ in follow(layout, journal, run.number):
                    pass  # another worker may have taken it
        else:
            start_worker(layout)
        return [journal.run(run.number) for run in runs]


def _refuse_unknown(layout: Layout, pipeline: str, chosen: Chosen) -> None:
    files = _files(layout, chosen.commit)
    if f"{pipeline}.yaml" not in files:
        where = "the working tree" if chosen.captured else f"commit {chosen.commit[:7]}"
        names = [Path(name).stem for name in files]
        raise UnknownName("pipeline", pipeline, names, f"{where} holds no {PIPELINES}/{pipeline}.yaml")


def _queue(
    layout: Layout, journal: Journal, pipeline: str, chosen: Chosen, wanted: Sequence[Options], *, cache: bool
) -> list[Run]:
    """Queue runs, all or none; nobody can drop what was captured between its being kept and its having a run."""
    asked = [options._replace(captured=chosen.captured) for options in wanted]
    with journal.writing():
        if chosen.captured:
            keep(layout.common, project(layout), chosen.commit)
        return [journal.add(pipeline, chosen.commit, layout.root, ASKED, cache=cache, options=o) for o in asked]


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
