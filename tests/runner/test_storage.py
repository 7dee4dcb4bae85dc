"""What ML Metadata says of a disk or of its own file is said in words that a user can act on."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.errors import Damaged, Unwritable, UsageError
from zenrepo.runner.artifacts.storage import in_words
from zenrepo.runs.plan import Plan

SAID = "Error when executing query: {} query:  CREATE TABLE IF NOT EXISTS `Type` (\n    `id` INTEGER"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan with a metadata store that may be written."""
    store = str(tmp_path / "metadata.db")
    return Plan("tea-1", "tea", "", "c", "", "/r", "", [], store, str(tmp_path), "", cache=True, steps=[])


def test_a_full_disk_is_named_with_the_file(plan: Plan) -> None:
    """The step's own errors are not touched."""
    known = in_words(RuntimeError(SAID.format("database or disk is full")), plan)

    assert isinstance(known, Unwritable)
    assert known.message == f"no space left on '{plan.metadata_store}'"


@pytest.mark.parametrize("said", ["file is not a database", "database disk image is malformed"])
def test_a_damaged_store_is_no_mistake_of_the_step(plan: Plan, said: str) -> None:
    """The hint says which two belong together."""
    known = in_words(RuntimeError(SAID.format(said)), plan)

    assert isinstance(known, Damaged)
    assert plan.metadata_store in known.message
    assert plan.artifact_store in known.hint


def test_what_is_of_another_kind_stays_as_it_is(plan: Plan) -> None:
    """Also where it only sounds alike."""
    error = UsageError("no such column")

    assert in_words(error, plan) is error
    assert in_words(RuntimeError("the cup is full"), plan) is None
    assert in_words(ValueError(), plan) is None
