"""Start a run of a pipeline at a commit."""

from __future__ import annotations

from pathlib import Path

from zenrepo.errors import DirtyTreeRefused, UnknownName, UsageError
from zenrepo.flows.lookup import commit_of
from zenrepo.git import status, tree
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import PipelineFile, read
from zenrepo.runs.follow import follow
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.launch import start_worker

DIRTY = ("refuse", "ignore")
"""What can be done with uncommitted changes."""


def start(layout: Layout, pipeline: str, *, at: str = "HEAD", cache: bool = True, wait: bool = True) -> Run:
    """Run a pipeline at a commit.

    Args:
        layout: of the repository.
        pipeline: its name.
        at: the commit, as ``git rev-parse`` takes it.
        cache: whether earlier results may be re-used.
        wait: whether to execute it in this process, with what is queued before it, and return when it has ended;
            else a worker is started and the run returned as queued.

    Returns:
        The run.

    Raises:
        UnknownName: if the commit holds no such pipeline.
    """
    commit = commit_of(layout, at)
    files = _files(layout, commit)
    if f"{pipeline}.yaml" not in files:
        names = [Path(name).stem for name in files]
        raise UnknownName("pipeline", pipeline, names, f"commit {commit[:7]} holds no {PIPELINES}/{pipeline}.yaml")
    with Journal(layout.runs_db) as journal:
        run = journal.add(pipeline, commit, layout.root, "asked for", cache=cache)
        if wait:
            from zenrepo.flows.execute import work  # noqa: PLC0415  (its lock brings asyncio in, and look-ups import this)

            work(layout)
            for _ in follow(layout, journal, run.number):
                pass  # another worker may have taken it
        else:
            start_worker(layout)
        return journal.run(run.number)


def refuse_dirty(layout: Layout, way_out: str) -> None:
    """Refuse a working tree that differs from its commit, for a run would not see the difference.

    Args:
        layout: of the repository.
        way_out: how to run the commit all the same.

    Raises:
        DirtyTreeRefused: naming files that differ; untracked ones do not count.
    """
    changed = status.changed(layout.root, untracked=False)
    if changed:
        raise DirtyTreeRefused(
            f"a run executes a commit, and the working tree differs from it: {', '.join(changed[:3])}"
            + (f" and {len(changed) - 3} more" if len(changed) > 3 else ""),
            f"commit them, or run the last commit as it is: {way_out}",
        )


def refuse_uncommitted(layout: Layout, pipeline: PipelineFile, at: str) -> None:
    """Refuse a pipeline whose file a commit does not hold, or that says something else there.

    Args:
        layout: of the repository.
        pipeline: what the file should say.
        at: the commit, as ``git rev-parse`` takes it.

    Raises:
        UsageError: with what is still to do.
    """
    commit = commit_of(layout, at)
    name = f"{pipeline.name}.yaml"
    path = f"{PIPELINES}/{name}"
    blob = _files(layout, commit).get(name)
    registered = layout.pipelines / name
    git_add = f"git add {path} && git commit"
    if blob is None and not registered.is_file():
        raise UsageError(
            f"pipeline '{pipeline.name}' is not registered, and a run executes a commit",
            f"register() it, then '{git_add}'",
        )
    if blob is None:
        raise UsageError(f"commit {commit[:7]} does not hold '{path}', and a run executes a commit", f"'{git_add}'")
    if read(tree.content(layout.root, blob), path, layout.root) != pipeline:
        raise UsageError(
            f"'{path}' says something else at commit {commit[:7]} than this pipeline",
            f"register(replace=True) and '{git_add}', or name the commit that has it: run(at=…)",
        )


def _files(layout: Layout, commit: str) -> dict[str, str]:
    """Give the blobs of a commit's pipeline files by their names."""
    blobs = tree.files(layout.root, commit, under=f"{layout.prefix}{PIPELINES}/")
    return {name: blob for name, blob in blobs.items() if name.endswith(".yaml")}
