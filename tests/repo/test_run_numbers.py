"""The numbers of runs name them in ML Metadata, so none ever comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repo.conftest import MadeUp
from zenrepo.runs.journal import Journal


def number(path: Path) -> int:
    """Give the number that the next run has."""
    with Journal(path) as journal:
        return journal.add("tea", "c" * 40, "/", "asked for").number


def test_a_new_clone_begins_with_one(tmp_path: Path) -> None:
    """And goes on from there."""
    assert [number(tmp_path / "runs.db") for _ in range(3)] == [1, 2, 3]


def test_a_lost_journal_goes_on_after_the_folders_of_its_runs(made_up: MadeUp) -> None:
    """What does not look like a run's folder does not matter."""
    for _ in range(3):
        made_up.run()
    (made_up.repo.layout.private / "runs" / "notes-of-x").mkdir()
    made_up.repo.layout.runs_db.unlink()

    assert made_up.repo.runs() == []
    assert number(made_up.repo.layout.runs_db) == 4


@pytest.mark.heavy
def test_a_lost_journal_goes_on_after_what_the_metadata_store_knows(tmp_path: Path) -> None:
    """Where the folders are lost too."""
    from ml_metadata import metadata_store
    from ml_metadata.proto import metadata_store_pb2 as pb

    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(tmp_path / "metadata.db")
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = metadata_store.MetadataStore(config)
    kind = store.put_context_type(pb.ContextType(name="pipeline_run"))
    store.put_contexts([pb.Context(type_id=kind, name=name) for name in ("tea-9", "coffee-12", "odd")])

    assert number(tmp_path / "runs.db") == 13


@pytest.mark.heavy
def test_a_damaged_metadata_store_stops_no_journal(tmp_path: Path) -> None:
    """Nor does one in which nothing ever ran."""
    (tmp_path / "metadata.db").write_bytes(b"no database")

    assert number(tmp_path / "runs.db") == 1
