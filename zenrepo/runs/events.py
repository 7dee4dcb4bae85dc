"""What is told of a run while it runs: one JSON object a line.

What the runner writes to its standard output, and nothing else there, is kept as ``events.jsonl`` in the run's folder:

    {"event": "run", "state": "running", "steps": [{"name": "data", "kind": "data", "type": …}, …]}
    {"event": "step", "step": "data", "state": "running"}
    {"event": "step", "step": "data", "state": "complete" | "cached", "seconds": 1.2, "execution": 7,
     "artifacts": [{"id": 3, "type": "Examples", "name": "examples", "uri": …}], "facts": {"rows": 569}}
    {"event": "step", "step": "trainer", "state": "failed", "seconds": …, "execution": …,
     "error": {"message": …, "hint": …, "traceback": …, "frame": {"file": …, "line": 7, "function": …, "commit": …}}}
    {"event": "step", "step": "trainer", "state": "retrying", "attempt": 1, "attempts": 3, "wait": 11.2, "error": …, …}
    {"event": "step", "step": "trainer", "state": "running", "attempt": 2, "attempts": 3}
    {"event": "step", "step": "evaluator", "state": "skipped"}
    {"event": "run", "state": "complete" | "failed", "seconds": …, "parts": {"imports": …, "metadata": …, "beam": …,
     "work": …}}

    {"event": "closed", "runs": ["tea-3"]}

The last is of runs that were killed: their executions in ML Metadata are not RUNNING any more.

Whoever follows a run is told more, see ``zenrepo.runs.watching.follow``:

    {"event": "queued", "run": 5, "place": 2, "running": [{"run": 3, "pipeline": "tea"}]}
    {"event": "progress", "step": "trainer", "done": 3, "total": 10, "unit": "epochs"}
    {"event": "log", "step": "trainer", "text": "a line, as the step printed it"}
    {"event": "end", "run": 5, "state": "complete" | "failed" | "interrupted" | "canceled", "message": "", "seconds": …}

``end`` is the last, always. ``time``, which every event has, is in seconds since 1970.
``seconds`` of a step leave out the imports that all steps share; ``parts`` of a run sum to its seconds: ``imports``,
``metadata`` (ML Metadata and TFX's own orchestration), ``beam`` (inside Beam pipelines), ``work`` (the rest).
The nodes that zenrepo puts between the steps (``statistics``, ``schema``) are reported as steps of those kinds.
``facts`` are small numbers and strings worth showing beside the step (rows, splits, metrics, destination).
``frame`` is the innermost line of the user's source, its file relative to the folder with ``.zenml/``; empty where the
error came from none. Its ``commit`` is that of a pinned step; empty for the commit of the run.
"""

from __future__ import annotations

import json
import time
from typing import Any, Final, TextIO

RETRYING: Final = "retrying"
"""The state of a step that has failed, and is tried again after a while."""


def now(event: str, **data: Any) -> dict[str, Any]:
    """Make an event of this moment."""
    return {"event": event, **data, "time": round(time.time(), 3)}


def write(stream: TextIO, event: str, **data: Any) -> None:
    """Write one event and flush it, so that a follower sees it at once."""
    stream.write(json.dumps(now(event, **data), separators=(",", ":")) + "\n")
    stream.flush()


def read(line: str) -> dict[str, Any] | None:
    """Read one line; ``None`` where it is no event."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) and "event" in data else None
