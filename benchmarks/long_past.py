"""Give a metadata store a long past: what its last run left, again and again, as so many runs would leave it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

_COPY = {
    "Execution": (
        "insert into Execution (id, type_id, last_known_state, name, create_time_since_epoch,"
        " last_update_time_since_epoch) select id + :step, type_id, last_known_state, null, create_time_since_epoch,"
        " last_update_time_since_epoch from Execution where id between :first and :last"
    ),
    "ExecutionProperty": (
        "insert into ExecutionProperty (execution_id, name, is_custom_property, int_value, double_value, string_value,"
        " byte_value) select execution_id + :step, name, is_custom_property, int_value, double_value,"
        " string_value, byte_value from ExecutionProperty where execution_id between :first and :last"
    ),
    "Context": (
        "insert into Context (id, type_id, name, create_time_since_epoch, last_update_time_since_epoch)"
        " select :context, type_id, name || '-again-' || :context, create_time_since_epoch,"
        " last_update_time_since_epoch from Context where id = :run"
    ),
    "ParentContext": (
        "insert into ParentContext select :context, parent_context_id from ParentContext where context_id = :run"
    ),
    "Attribution": (
        "insert into Attribution (context_id, artifact_id) select :context, artifact_id from Attribution"
        " where context_id = :run"
    ),
    "Association": (
        "insert into Association (context_id, execution_id)"
        " select case context_id when :run then :context else context_id end, execution_id + :step"
        " from Association where execution_id between :first and :last"
    ),
    "Event": (
        "insert into Event (id, artifact_id, execution_id, type, milliseconds_since_epoch)"
        " select id + :events, artifact_id, execution_id + :step, type, milliseconds_since_epoch"
        " from Event where execution_id between :first and :last"
    ),
    "EventPath": (
        "insert into EventPath select event_id + :events, is_index_step, step_index, step_key from EventPath"
        " where event_id in (select id from Event where execution_id between :first and :last)"
    ),
}

_NEWEST_RUN = (
    "select max(Context.id) from Context join Type on Type.id = Context.type_id where Type.name = 'pipeline_run'"
)


def lengthen(store: Path, executions: int) -> None:
    """Repeat what the newest run left in a metadata store.

    Args:
        store: ML Metadata's SQLite file.
        executions: how many there shall be more, at least.
    """
    database = sqlite3.connect(store)
    with database:
        (context,) = database.execute(_NEWEST_RUN).fetchone()
        first, last = database.execute(
            "select min(execution_id), max(execution_id) from Association where context_id = ?", (context,)
        ).fetchone()
        newest = database.execute("select max(id) from Context").fetchone()[0]
        events = database.execute("select max(id) from Event").fetchone()[0]
        size = last - first + 1
        for copy in range(1, -(-executions // size) + 1):
            values = {"step": copy * size, "events": copy * events, "context": newest + copy, "run": context}
            for statement in _COPY.values():
                database.execute(statement, values | {"first": first, "last": last})
    database.close()
