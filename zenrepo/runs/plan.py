"""The plan of a run: all that the runner needs to know, as one JSON file in the run's folder.

The light half writes it after it resolved a pipeline file at a commit; the runner, in a process of its own, reads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
NOTHING = "nothing"
"""What a working tree was changed from that was captured before the first commit."""


@dataclass(frozen=True)
class Input:
    """A file or folder inside the repository that an argument of a step names.

    Args:
        path: where the run reads it, absolute.
        digest: of its content; part of the step's cache key.
    """

    path: str
    digest: str


@dataclass(frozen=True)
class PlannedBackend:
    """A backend of a run, with the version that will work; none of it is part of a cache key.

    Args:
        type: its type.
        version: the commit that first had this version, or ``zenrepo_<release>``.
        pinned: whether the pipeline file names a version other than the run's commit, to be loaded from git.
        code_digest: the identity of its version, 64 hex digits.
        args: its arguments as they are recorded.
    """

    type: str
    version: str
    pinned: bool
    code_digest: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """How long a step may take, and how often it is tried again; none of it is part of a cache key.

    Args:
        timeout: seconds that an attempt may take; 0 for as long as it likes.
        retries: how often the step is tried again when it failed.
        wait: seconds to wait before the first time; before each further one about twice as long.
        most: seconds to wait at the most.
    """

    timeout: float = 0.0
    retries: int = 0
    wait: float = 10.0
    most: float = 300.0


@dataclass(frozen=True)
class PlannedStep:
    """A step of a run, with the version that will run.

    Args:
        name: the step's name in the pipeline, such as ``trainer``.
        kind: its interface: data, split, preprocess, trainer, evaluator or deployer.
        type: its step type.
        version: the commit that first had this version, or ``zenrepo_<release>``; empty where it is unpinned.
        pinned: whether the pipeline file names a version other than the run's commit, to be loaded from git.
        code_digest: the identity of its version, 64 hex digits; part of the cache key.
        source_digest: of the exact sources, 64 hex digits.
        args: its arguments as they are recorded; part of the cache key.
        inputs: by the path that an argument gives.
        classes: the digest of the code of each class of the repository that an argument names, by the name.
        backend: where it works; ``None`` for the local backend.
        limits: how long it may take, and how often it is tried again.
    """

    name: str
    kind: str
    type: str
    version: str
    pinned: bool
    code_digest: str
    source_digest: str
    args: dict[str, Any]
    inputs: dict[str, Input] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    backend: PlannedBackend | None = None
    limits: Limits = Limits()

    @classmethod
    def of(cls, data: dict[str, Any]) -> PlannedStep:
        """Make a step again of what ``dataclasses.asdict`` made of it."""
        inputs = {path: Input(**file) for path, file in data["inputs"].items()}
        limits = Limits(**data.get("limits", {}))
        return cls(**{**data, "inputs": inputs, "backend": _backend(data), "limits": limits})


@dataclass(frozen=True)
class Plan:
    """A run, resolved.

    Args:
        run: the run's id.
        pipeline: the pipeline's name.
        pipeline_digest: of the pipeline file's bytes, and of the settings where there are any.
        commit: the commit that the run executes, 40 hex digits.
        tree: the commit's tree.
        repository: the folder that holds ``.zenml/``, absolute; where relative destinations are resolved.
        checkout: the folder that holds the commit's tree, absolute; the steps' current folder.
        source_roots: the folders that step types start from, absolute, all in the checkout.
        metadata_store: ML Metadata's SQLite file, absolute.
        artifact_store: the folder that artifacts are written under, absolute.
        folder: the run's own folder, for logs, absolute.
        cache: whether earlier results may be re-used.
        steps: in the order in which they run; those behind the last one that runs are left out.
        backend: where the run is conducted; ``None`` for the local backend.
        left_open: the ids of runs that were killed, each with its state; this one closes their executions.
        release: of zenrepo, as a pin names it; empty in the plan of one that did not write it down.
        environment: the digests of the lock files of the environment, by path; part of every step's cache key.
        settings: what the run changed in its pipeline file, by dotted key.
        name: by which the user knows the run; empty for none.
        first: the step that it begins with: what stands before is used again, or the run fails; empty for all.
        last: the step, or the node between them, that it ends with; empty for all.
        timeout: seconds that the run may take; 0 for as long as it likes.
        captured: where the commit holds a captured working tree, the commit that this was changed from, or `NOTHING`;
            empty where it is an ordinary one.
        token: what no other run has, of whichever clone.
    """

    run: str
    pipeline: str
    pipeline_digest: str
    commit: str
    tree: str
    repository: str
    checkout: str
    source_roots: list[str]
    metadata_store: str
    artifact_store: str
    folder: str
    cache: bool
    steps: list[PlannedStep]
    backend: PlannedBackend | None = None
    left_open: dict[str, str] = field(default_factory=dict)
    release: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    name: str = ""
    first: str = ""
    last: str = ""
    timeout: float = 0.0
    captured: str = ""
    token: str = field(default_factory=lambda: os.urandom(4).hex())
    format: int = FORMAT

    @property
    def outputs(self) -> Path:
        """The folder that the run's artifacts are written under.

        The ids of ML Metadata, by which TFX names folders, begin anew with another metadata store, and several can
        stand beside one artifact store: without the token a run would write into what another one has made.
        """
        return Path(self.artifact_store, self.pipeline, f"{self.run}-{self.token}")

    def before_first(self, nodes: Iterable[str]) -> set[str]:
        """Name the nodes that stand before the one that the run begins with, of all in order."""
        names = list(nodes)
        return set(names[: names.index(self.first)]) if self.first in names else set()

    def write(self, path: Path) -> None:
        """Write the plan as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read a plan that ``write`` wrote."""
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, data: dict[str, Any]) -> Plan:
        """Make a plan again of what ``dataclasses.asdict`` made of it."""
        steps = [PlannedStep.of(step) for step in data["steps"]]
        return cls(**{**data, "steps": steps, "backend": _backend(data)})


def _backend(data: dict[str, Any]) -> PlannedBackend | None:
    found = data.get("backend")
    return PlannedBackend(**found) if found else None
