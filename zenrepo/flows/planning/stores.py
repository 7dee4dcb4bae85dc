"""Where the settings of a repository put ML Metadata and the artifacts."""

from __future__ import annotations

from pathlib import Path

from zenrepo import config
from zenrepo.config import Config
from zenrepo.git import history, tree
from zenrepo.git.locate import has_worktree
from zenrepo.layout import CONFIG, Layout


def settings(layout: Layout) -> Config:
    """Read the settings of the working tree; in a bare repository those of HEAD.

    Raises:
        PipelineFileError: for anything wrong in them.
    """
    if has_worktree(layout):
        return config.load(layout.config)
    head = history.resolve(layout.folder, "HEAD")
    return settings_at(layout, head) if head else Config()


def settings_at(layout: Layout, commit: str) -> Config:
    """Read the settings of the repository at a commit; the defaults where it has none.

    Raises:
        PipelineFileError: for anything wrong in them, with the line and the cure.
    """
    found = tree.files(layout.folder, commit, under=layout.prefix + CONFIG)
    return next((config.read(tree.content(layout.folder, blob)) for blob in found.values()), Config())


def metadata_store(layout: Layout) -> str:
    """Give ML Metadata's SQLite file."""
    return _place(layout, settings(layout).metadata_store, layout.metadata_db)


def artifact_store(layout: Layout) -> str:
    """Give the folder of the artifacts."""
    return _place(layout, settings(layout).artifact_store, layout.artifacts)


def _place(layout: Layout, configured: str, default: Path) -> str:
    if not configured:
        return str(default)
    return configured if "://" in configured else str(layout.files / configured)
