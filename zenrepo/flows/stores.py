"""Where the settings of the working tree put ML Metadata and the artifacts."""

from __future__ import annotations

from pathlib import Path

from zenrepo import config
from zenrepo.layout import Layout


def metadata_store(layout: Layout) -> str:
    """Give ML Metadata's SQLite file."""
    return _place(layout, config.load(layout.config).metadata_store, layout.metadata_db)


def artifact_store(layout: Layout) -> str:
    """Give the folder of the artifacts."""
    return _place(layout, config.load(layout.config).artifact_store, layout.artifacts)


def _place(layout: Layout, configured: str, default: Path) -> str:
    if not configured:
        return str(default)
    return configured if "://" in configured else str(layout.root / configured)
