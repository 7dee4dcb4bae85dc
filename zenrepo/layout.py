"""Every path under ``.zenml/`` and under the clone's private folder, in one place."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ZENML = ".zenml"
CONFIG = f"{ZENML}/config.yaml"
PIPELINES = f"{ZENML}/pipelines"
REPOSITORY = "ZENREPO_REPOSITORY"
"""The environment variable that tells other processes where the repository of a pinned class is."""


class Layout(NamedTuple):
    """Where a repository keeps what is tracked and what is private to the clone.

    Args:
        root: the folder that holds ``.zenml/`` (the working tree, or a project folder in it).
        common: the git common directory, which linked worktrees share.
        prefix: ``root`` relative to the top of the working tree, ``""`` or ending in ``/``.
    """

    root: Path
    common: Path
    prefix: str = ""

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
        own = self.common / "zenml"
        return own / "projects" / _one_name(self.prefix) if self.prefix else own

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

    def run(self, run: str) -> Path:
        """The folder of one run: its plan, its events, its logs."""
        return self.private / "runs" / run

    def tree(self, tree: str) -> Path:
        """The checkout of one tree that runs execute from."""
        return self.private / "trees" / tree


def projects(top: Path, common: Path) -> list[Layout]:
    """Find the projects of a clone whose ``.zenml/`` is in the working tree.

    Args:
        top: the top of the working tree.
        common: the git common directory.

    Returns:
        The one at the top, if there is one, and those in folders that were made known to this clone.
    """
    known = common / "zenml" / "projects"
    names = sorted(entry.name for entry in known.iterdir()) if known.is_dir() else []
    prefixes = ["", *(name.replace("%2F", "/").replace("%25", "%") + "/" for name in names)]
    return [Layout(top / prefix, common, prefix) for prefix in prefixes if (top / prefix / ZENML).is_dir()]


def _one_name(prefix: str) -> str:
    """Make one folder's name of a path, another one of each."""
    return prefix.rstrip("/").replace("%", "%25").replace("/", "%2F")


def shipped_hooks() -> Path:
    """The folder of git hooks: inside the package in a wheel, at the top level in a checkout."""
    package = Path(__file__).parent
    inside = package / "_hooks"
    return inside if inside.is_dir() else package.parent / "hooks"
