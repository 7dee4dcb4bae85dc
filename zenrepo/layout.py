"""Every path under ``.zenml/`` and under the clone's private folder, in one place.

Hooks and look-ups take paths as text: importing `pathlib` costs them as much as their work.
"""

from __future__ import annotations

import os

from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # see `as_path`
    from pathlib import Path

ZENML = ".zenml"
CONFIG = f"{ZENML}/config.yaml"
PIPELINES = f"{ZENML}/pipelines"
DATASOURCES = f"{ZENML}/datasources"
REPOSITORY = "ZENREPO_REPOSITORY"
"""The environment variable that tells other processes where the repository of a pinned class is."""


class Layout(NamedTuple):
    """Where a repository keeps what is tracked and what is private to the clone.

    Args:
        folder: the folder that holds ``.zenml/`` (the working tree, or a project folder in it).
        git_folder: the git common directory, which linked worktrees share.
        prefix: ``folder`` relative to the top of the working tree, ``""`` or ending in ``/``.
    """

    folder: str
    git_folder: str
    prefix: str = ""

    @property
    def root(self) -> Path:
        """The folder that holds ``.zenml/``."""
        return as_path(self.folder)

    @property
    def common(self) -> Path:
        """The git common directory."""
        return as_path(self.git_folder)

    def own(self, name: str = "") -> str:
        """Give, as text, the path of something that belongs to this clone, and in it to this project, alone."""
        project = ("projects", _one_name(self.prefix)) if self.prefix else ()
        return os.path.join(self.git_folder, "zenml", *project, name).rstrip("/")

    @property
    def config(self) -> Path:
        """The tracked settings."""
        return self.root / CONFIG

    @property
    def pipelines(self) -> Path:
        """The folder of pipeline files."""
        return self.root / PIPELINES

    @property
    def private(self) -> Path:
        """What belongs to this clone, and in it to this project, alone; ``git clean`` cannot reach it."""
        return as_path(self.own())

    @property
    def index_db(self) -> Path:
        """The cache of git and of ML Metadata."""
        return self.private / "index.db"

    @property
    def runs_db(self) -> Path:
        """The journal of runs."""
        return self.private / "runs.db"

    @property
    def metadata_db(self) -> Path:
        """ML Metadata's own database."""
        return self.private / "metadata.db"

    @property
    def artifacts(self) -> Path:
        """The default artifact store."""
        return self.private / "artifacts"

    @property
    def worker_lock(self) -> Path:
        """Held by the one worker of a clone."""
        return self.private / "worker.lock"

    @property
    def worker_log(self) -> Path:
        """What the detached worker says."""
        return self.private / "worker.log"

    @property
    def files(self) -> Path:
        """Where what runs read and write beside git and their artifacts is: what relative paths of theirs start from.

        The repository's folder; in a bare repository, which has none, one that belongs to it alone.
        """
        return self.root if self.folder != self.git_folder else self.private / "files"

    def run(self, run: str) -> Path:
        """The folder of one run: its plan, its events, its logs."""
        return self.private / "runs" / run

    def tree(self, run: str) -> Path:
        """The checkout that one run executes from; no other run sees what its steps do there."""
        return self.private / "trees" / run


def projects(top: str, common: str) -> list[Layout]:
    """Find the projects of a clone whose ``.zenml/`` is in the working tree.

    Args:
        top: the top of the working tree.
        common: the git common directory.

    Returns:
        The one at the top, if there is one, and those in folders that were made known to this clone.
    """
    known = f"{common}/zenml/projects"
    names = sorted(os.listdir(known)) if os.path.isdir(known) else []
    prefixes = ["", *(name.replace("%2F", "/").replace("%25", "%") + "/" for name in names)]
    found = [Layout(f"{top}/{prefix}".rstrip("/") or "/", common, prefix) for prefix in prefixes]
    return [layout for layout in found if os.path.isdir(f"{layout.folder}/{ZENML}")]


def _one_name(prefix: str) -> str:
    """Make one folder's name of a path, another one of each."""
    return prefix.rstrip("/").replace("%", "%25").replace("/", "%2F")


def shipped_hooks() -> Path:
    """The folder of git hooks: inside the package in a wheel, at the top level in a checkout."""
    package = as_path(__file__).parent
    inside = package / "_hooks"
    return inside if inside.is_dir() else package.parent / "hooks"


def is_pipeline(path: str) -> bool:
    """Say whether a path from the project's folder is that of a pipeline file: those in folders below are none."""
    folder, _, name = path.rpartition("/")
    return folder == PIPELINES and name.endswith(".yaml")


def as_path(name: str) -> Path:
    """Give a path as most of the program takes it."""
    from pathlib import Path  # noqa: PLC0415  (see the top)

    return Path(name)
