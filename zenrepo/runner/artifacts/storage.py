"""Says in words what is wrong with the disk, or with the metadata store, where TFX and ML Metadata say it in theirs."""

from __future__ import annotations

import sqlite3

from zenrepo.database import explained
from zenrepo.errors import Damaged, ZenrepoError, unwritable
from zenrepo.runs.plan import Plan

_QUERY = "Error when executing query: "
_DAMAGED = ("not a database", "malformed", "a subset of tables")


def in_words(error: Exception, plan: Plan) -> ZenrepoError | None:
    """Explain an error that came up beside the steps.

    Args:
        error: what was raised.
        plan: the run.

    Returns:
        The same in words that a user can act on; ``None`` where it is of another kind.
    """
    if isinstance(error, ZenrepoError):
        return error
    if isinstance(error, OSError):
        return unwritable(error, plan.artifact_store)
    said = str(error).splitlines()[0] if str(error) else ""
    if any(text in said for text in _DAMAGED):
        return Damaged(
            f"the metadata store '{plan.metadata_store}' is damaged",
            f"put a backup in its place, or delete it together with '{plan.artifact_store}'",
        )
    if said.startswith(_QUERY):
        query = sqlite3.OperationalError(said.removeprefix(_QUERY).partition(" query: ")[0])
        known = explained(query, plan.metadata_store)
        return known if isinstance(known, ZenrepoError) else None
    return None
