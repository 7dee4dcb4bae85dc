"""Which step versions a pipeline file can name at a commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from zenrepo.errors import PinError
from zenrepo.flows.lookup import first_commit
from zenrepo.git import history
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import Layout
from zenrepo.pipeline_files.check import pinned
from zenrepo.pipeline_files.file import PipelineFile
from zenrepo.sources.digest import source_digest
from zenrepo.sources.model import StepFacts, StepVersion
from zenrepo.sources.release import RELEASE


class Known(NamedTuple):
    """A step version that a pipeline can name, what it takes, and the commit or release that names it."""

    version: StepVersion
    facts: StepFacts
    source_digest: str
    name: str


def known_at(index: Index, snapshots: Snapshots, commit: str) -> dict[str, Known]:
    """Give the step versions that a commit holds, and those that ship."""
    known = {name: Known(s.version, s.facts, s.source_digest, RELEASE) for name, s in snapshots.shipped().items()}
    known |= {f"{name}@{RELEASE}": shipped for name, shipped in known.items()}
    return known | _held(index, snapshots, commit)


def pinned_by(
    layout: Layout, index: Index, snapshots: Snapshots, pipeline: PipelineFile, known: Mapping[str, Known]
) -> dict[str, Known]:
    """Give the step versions that a pipeline pins, as far as they are there."""
    found: dict[str, Known] = {}
    for pin in pinned(pipeline):
        if pin not in known:
            step_type, _, at = pin.partition("@")
            sha = history.resolve(layout.root, at)
            if sha is None:
                raise PinError(f"this clone has no commit '{at}', which '{pin}' names", "run 'git fetch --all'")
            held = _held(index, snapshots, sha)
            if step_type in held:
                found[pin] = held[step_type]._replace(name=sha)
    return found


def _held(index: Index, snapshots: Snapshots, commit: str) -> dict[str, Known]:
    snapshot = snapshots.at(commit)
    tree_of_commit = snapshots.tree(snapshot)
    return {
        name: Known(
            version,
            tree_of_commit.step_facts(version),
            source_digest((path for _, path in version.closure), snapshot.files),
            first_commit(index, version) or commit,  # no branch has what was captured, or what a rebase dropped
        )
        for name, version in snapshot.steps.items()
    }
