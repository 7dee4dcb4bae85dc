"""Resolve a pipeline file at a commit into the plan of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from zenrepo.config import Config
from zenrepo.datasource_files.file import name_of, read_as_pipeline
from zenrepo.durations import seconds_of
from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.lookup import caught_up
from zenrepo.flows.planning.classes import classes_of
from zenrepo.flows.planning.environment import locks
from zenrepo.flows.planning.held import Known, known_at, pinned_by
from zenrepo.flows.planning.inputs import Inputs
from zenrepo.flows.planning.partial import refuse_part, steps_to
from zenrepo.flows.planning.planned import Find, planned_backend, planned_step
from zenrepo.flows.planning.resumed import origin_of
from zenrepo.flows.planning.stores import settings_at
from zenrepo.git import history, tree
from zenrepo.git.checkout import checkout as checkout_tree
from zenrepo.git.locate import has_worktree
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import CONFIG, DATASOURCES, PIPELINES, Layout
from zenrepo.pipeline_files.check import check
from zenrepo.pipeline_files.file import PipelineFile, read_with_places
from zenrepo.runs.journal import Run
from zenrepo.runs.plan import NOTHING, Plan
from zenrepo.sources.release import RELEASE
from zenrepo.typed_yaml import Keys

_NONE: Mapping[str, str] = MappingProxyType({})


def resolve(layout: Layout, run: Run, *, check_out: bool = True) -> Plan:
    """Say exactly what a run executes.

    The commit's tree is checked out beside the working tree; every step gets the version that the commit holds, or
    the one that it is pinned to.

    Args:
        layout: of the repository.
        run: from the journal.
        check_out: whether the tree is checked out; without, globs among the arguments find no file of the commit.

    Returns:
        The plan.

    Raises:
        ZenrepoError: for a pipeline that is not there or cannot run, with the cause and the cure.
    """
    files = tree.files(layout.root, run.commit, under=layout.prefix)
    data = tree.reachable(layout.root, run.commit, under=layout.prefix)
    path = _file(run, files)
    text = tree.content(layout.root, files[path])
    with caught_up(layout) as (index, _):
        checked = read_checked(layout, index, run.commit, path, text, run.options.settings)
    tree_id = history.tree_of(layout.root, run.commit)
    place = layout.tree(run.id)
    checkout = (checkout_tree(layout.common, tree_id, place) if check_out else place) / layout.prefix
    settings = checked.settings
    store = _store(layout, settings.artifact_store, layout.artifacts)
    if not has_worktree(layout):
        layout.files.mkdir(parents=True, exist_ok=True)
    pipeline, known, classes, _ = checked
    first, last, changed, name, *_ = run.options
    origin = origin_of(layout, run)
    refuse_part(checked.kinds, first, last)
    find = Find(
        Inputs(layout.files, checkout, data, origin.run), store, _names(files, DATASOURCES), not has_worktree(layout)
    )
    return Plan(
        run=run.id,
        pipeline=run.pipeline,
        pipeline_digest=_digest(text, changed),
        commit=run.commit,
        tree=tree_id,
        repository=str(layout.files),
        checkout=str(checkout),
        source_roots=[str(checkout / root) for root in settings.source_roots],
        metadata_store=str(_store(layout, settings.metadata_store, layout.metadata_db)),
        artifact_store=str(store),
        folder=str(layout.run(run.id)),
        cache=run.cache,
        steps=[
            planned_step(
                step, origin.settled(step, pipeline.steps[step]), known, find, classes.get(("steps", step), {})
            )
            for step in steps_to(checked.kinds, last)
        ],
        backend=planned_backend(pipeline.backend, known),
        release=RELEASE,
        environment=locks(layout, run.commit, data, settings.environment),
        settings=dict(changed),
        name=name,
        first=first,
        last=last,
        timeout=seconds_of(pipeline.timeout or 0),
        captured=(history.resolve(layout.common, f"{run.commit}^") or NOTHING) if run.options.captured else "",
    )


def _file(run: Run, files: Mapping[str, str]) -> str:
    """Find the file of what a run executes: a pipeline, or the ingest of a datasource."""
    datasource = name_of(run.pipeline)
    what, folder, name = (
        ("datasource", DATASOURCES, datasource) if datasource else ("pipeline", PIPELINES, run.pipeline)
    )
    path = f"{folder}/{name}.yaml"
    if path not in files:
        raise UnknownName(what, name, _names(files, folder), f"commit {run.commit[:7]} has no {path}")
    return path


def _names(files: Mapping[str, str], folder: str) -> list[str]:
    return [Path(path).stem for path in files if path.startswith(f"{folder}/")]


def _digest(text: bytes, settings: Mapping[str, str]) -> str:
    """Digest what a pipeline was read from; with settings it is no file's."""
    said = json.dumps(dict(settings), sort_keys=True).encode() if settings else b""
    return hashlib.sha256(text + said).hexdigest()


def read_checked(
    layout: Layout, index: Index, commit: str, path: str, text: bytes, settings: Mapping[str, str] = _NONE
) -> Checked:
    """Read a pipeline file, and check it against the steps that a commit holds.

    Args:
        layout: of the repository.
        index: caught up.
        commit: the commit.
        path: of the file, for errors.
        text: its bytes.
        settings: what a run changes in it, by dotted key.

    Returns:
        The pipeline, and what of the commit it uses.

    Raises:
        ZenrepoError: for a pipeline that cannot run, with the line and the cure.
    """
    return Reader(layout, index, commit, path, text).checked(settings)


class Reader:
    """Reads one pipeline file of a commit, with one group of settings after the other; see `read_checked`."""

    def __init__(self, layout: Layout, index: Index, commit: str, path: str, text: bytes) -> None:
        self._layout, self._index, self._commit, self._path, self._text = layout, index, commit, path, text
        self._snapshots = Snapshots(layout, index)
        self._known: dict[str, Known] = {}

    def checked(self, settings: Mapping[str, str] = _NONE) -> Checked:
        """Read the file with settings in it, and check it."""
        layout, commit = self._layout, self._commit
        if self._path.startswith(f"{DATASOURCES}/"):
            pipeline, places = read_as_pipeline(self._text, self._path, layout.root)
        else:
            pipeline, places = read_with_places(self._text, self._path, layout.root, settings)
        self._known = self._known or known_at(self._index, self._snapshots, commit)
        known = self._known | pinned_by(layout, self._index, self._snapshots, pipeline, self._known)
        check(pipeline, {name: found.facts for name, found in known.items()}, places)
        classes = classes_of(pipeline, places, layout, self._snapshots, commit)
        return Checked(pipeline, known, classes, settings_at(layout, commit))


class Checked(NamedTuple):
    """A pipeline that can run at a commit.

    Args:
        pipeline: what its file says.
        known: every step version that it can name, by type.
        classes: by the keys of a step, the digests of the classes that its arguments name, by name.
        settings: of the repository, at the commit.
    """

    pipeline: PipelineFile
    known: dict[str, Known]
    classes: dict[Keys, dict[str, str]]
    settings: Config

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each step, by its name."""
        return {name: self.known[entry.type].version.kind for name, entry in self.pipeline.steps.items()}


def _store(layout: Layout, configured: str, default: Path) -> Path:
    if "://" in configured:
        raise UsageError(
            f"this release keeps its stores in folders, and {CONFIG} says '{configured}'", "give a relative path"
        )
    return layout.files / configured if configured else default
