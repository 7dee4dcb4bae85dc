"""Resolve a pipeline file at a commit into the plan of a run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zenrepo import config
from zenrepo.errors import PinError, UnknownName, UsageError
from zenrepo.flows.classes import classes_of
from zenrepo.flows.lookup import caught_up, first_commit
from zenrepo.git import history, tree
from zenrepo.git.checkout import checkout as checkout_tree
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import CONFIG, PIPELINES, Layout
from zenrepo.pipeline_files.check import check, pinned
from zenrepo.pipeline_files.file import Entry, PipelineFile, StepEntry, read_with_places, texts
from zenrepo.runs.journal import Run
from zenrepo.runs.plan import Input, Plan, PlannedBackend, PlannedStep
from zenrepo.sources.digest import source_digest
from zenrepo.sources.model import StepFacts, StepVersion
from zenrepo.sources.release import RELEASE, shipped_steps
from zenrepo.typed_yaml import Keys

_CHUNK = 1 << 20
_LONGEST_PATH = 255
"""A longer text, such as a query, names no file: most file systems take no longer name."""


def resolve(layout: Layout, run: Run) -> Plan:
    """Say exactly what a run executes.

    The commit's tree is checked out beside the working tree; every step gets the version that the commit holds, or
    the one that it is pinned to.

    Args:
        layout: of the repository.
        run: from the journal.

    Returns:
        The plan.

    Raises:
        ZenrepoError: for a pipeline that is not there or cannot run, with the cause and the cure.
    """
    files = tree.files(layout.root, run.commit, under=layout.prefix)
    path = f"{PIPELINES}/{run.pipeline}.yaml"
    if path not in files:
        names = [Path(p).stem for p in files if p.startswith(PIPELINES + "/")]
        raise UnknownName("pipeline", run.pipeline, names, f"commit {run.commit[:7]} has no {path}")
    text = tree.content(layout.root, files[path])
    with caught_up(layout) as (index, _):
        pipeline, known, classes = read_checked(layout, index, run.commit, path, text)
    tree_id = history.tree_of(layout.root, run.commit)
    checkout = checkout_tree(layout.common, tree_id, layout.tree(tree_id)) / layout.prefix
    settings = config.read(tree.content(layout.root, files[CONFIG])) if CONFIG in files else config.Config()
    find = _Inputs(layout.root, checkout, files)
    return Plan(
        run=run.id,
        pipeline=run.pipeline,
        pipeline_digest=hashlib.sha256(text).hexdigest(),
        commit=run.commit,
        tree=tree_id,
        repository=str(layout.root),
        checkout=str(checkout),
        source_roots=[str(checkout / root) for root in settings.source_roots],
        metadata_store=str(_store(layout, settings.metadata_store, layout.metadata_db)),
        artifact_store=str(_store(layout, settings.artifact_store, layout.artifacts)),
        folder=str(layout.run(run.id)),
        cache=run.cache,
        steps=[
            _planned(name, entry, known, find, classes.get(("steps", name), {}))
            for name, entry in pipeline.steps.items()
        ],
        backend=_planned_backend(pipeline.backend, known),
    )


def read_checked(layout: Layout, index: Index, commit: str, path: str, text: bytes) -> Checked:
    """Read a pipeline file, and check it against the steps that a commit holds.

    Args:
        layout: of the repository.
        index: caught up.
        commit: the commit.
        path: of the file, for errors.
        text: its bytes.

    Returns:
        The pipeline, and what of the commit it uses.

    Raises:
        ZenrepoError: for a pipeline that cannot run, with the line and the cure.
    """
    pipeline, places = read_with_places(text, path, layout.root)
    snapshots = Snapshots(layout, index)
    known = _known(layout, index, snapshots, commit, pipeline)
    check(pipeline, {name: found.facts for name, found in known.items()}, places)
    return Checked(pipeline, known, classes_of(pipeline, places, layout, snapshots, commit))


class Known(NamedTuple):
    """A step version that a pipeline can name, what it takes, and the commit or release that names it."""

    version: StepVersion
    facts: StepFacts
    source_digest: str
    name: str


class Checked(NamedTuple):
    """A pipeline that can run at a commit.

    Args:
        pipeline: what its file says.
        known: every step version that it can name, by type.
        classes: by the keys of a step, the digests of the classes that its arguments name, by name.
    """

    pipeline: PipelineFile
    known: dict[str, Known]
    classes: dict[Keys, dict[str, str]]


def _known(layout: Layout, index: Index, snapshots: Snapshots, commit: str, pipeline: PipelineFile) -> dict[str, Known]:
    """Give the step versions that a commit holds, those that ship, and those that the pipeline pins."""
    known = {name: Known(s.version, s.facts, s.source_digest, RELEASE) for name, s in shipped_steps().items()}
    known |= {f"{name}@{RELEASE}": shipped for name, shipped in known.items()}
    known |= _held(index, snapshots, commit)
    for pin in pinned(pipeline):
        if pin not in known:
            step_type, _, at = pin.partition("@")
            sha = history.resolve(layout.root, at)
            if sha is None:
                raise PinError(f"this clone has no commit '{at}', which '{pin}' names", "run 'git fetch --all'")
            held = _held(index, snapshots, sha)
            if step_type in held:
                known[pin] = held[step_type]._replace(name=sha)
    return known


def _held(index: Index, snapshots: Snapshots, commit: str) -> dict[str, Known]:
    snapshot = snapshots.at(commit)
    tree_of_commit = snapshots.tree(snapshot)
    return {
        name: Known(
            version,
            tree_of_commit.step_facts(version),
            source_digest((path for _, path in version.closure), snapshot.files),
            first_commit(index, version),
        )
        for name, version in snapshot.steps.items()
    }


@dataclass(frozen=True)
class _Inputs:
    """Finds the arguments that name a file or folder.

    Args:
        root: the repository's folder, for data that git does not track.
        checkout: the folder that holds the commit's files.
        files: the blobs of the commit by path.
    """

    root: Path
    checkout: Path
    files: Mapping[str, str]

    def of(self, args: Mapping[str, object], kind: str) -> Iterator[tuple[str, Input]]:
        """Give what the arguments of a step name in the commit; for a data step, else in the repository's folder."""
        for _, text in texts(dict(args)):
            below = os.path.normpath(text) if text else "."
            if below == "." or below.startswith(("/", "..")) or "://" in text or len(text) > _LONGEST_PATH:
                continue
            blobs = [f"{blob} {path}" for path, blob in sorted(self.files.items()) if _is_under(path, below)]
            if blobs:
                digest = hashlib.sha256("\n".join(blobs).encode("utf-8", "surrogateescape")).hexdigest()
                yield text, Input(str(self.checkout / below), digest)
            elif kind == "data" and (self.root / below).exists():
                yield text, Input(str(self.root / below), _digest(self.root / below))


def _planned(
    name: str, entry: StepEntry, held: Mapping[str, Known], inputs: _Inputs, classes: dict[str, str]
) -> PlannedStep:
    known = held[entry.type]
    kind = known.version.kind
    return PlannedStep(
        name=name,
        kind=kind,
        type=entry.step_type,
        version=known.name,
        pinned=bool(entry.pin) and known.name != RELEASE,
        code_digest=known.version.code_digest,
        source_digest=known.source_digest,
        args=entry.args,
        inputs={} if kind == "deployer" else dict(inputs.of(entry.args, kind)),
        classes=classes,
        backend=_planned_backend(entry.backend, held),
    )


def _planned_backend(entry: Entry | None, held: Mapping[str, Known]) -> PlannedBackend | None:
    if entry is None:
        return None
    known = held[entry.type]
    pinned = bool(entry.pin) and known.name != RELEASE
    return PlannedBackend(entry.step_type, known.name, pinned, known.version.code_digest, entry.args)


def _is_under(path: str, below: str) -> bool:
    return bool(below) and (path == below or path.startswith(below + "/"))


def _digest(path: Path) -> str:
    """Digest the content of a file, or the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(os.fsencode(file.relative_to(path)) + b"\0")
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()


def _store(layout: Layout, configured: str, default: Path) -> Path:
    if "://" in configured:
        raise UsageError(
            f"this release keeps its stores in folders, and {CONFIG} says '{configured}'", "give a relative path"
        )
    return layout.root / configured if configured else default
