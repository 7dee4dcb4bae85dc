"""How a commit of a datasource lies in its folder."""

from __future__ import annotations

MANIFEST = "manifest.json"
"""What the commit is: its ``id``, ``rows``, ``types`` by column, and what made it."""

FILES = "Split-data"
"""The folder of its files, gzipped TFRecords of ``tf.Example``."""


def input_name(datasource: str) -> str:
    """Name the input of a run that is a commit of a datasource."""
    return f"datasource:{datasource}"
