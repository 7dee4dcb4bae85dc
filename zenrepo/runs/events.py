"""What the runner reports: one JSON object a line on its standard output, and nothing else there.

    {"event": "run", "state": "running", "steps": [{"name": "data", "kind": "data", "type": …}, …]}
    {"event": "step", "step": "data", "state": "running"}
    {"event": "step", "step": "data", "state": "complete" | "cached", "seconds": 1.2, "execution": 7,
     "artifacts": [{"id": 3, "type": "Examples", "name": "examples", "uri": …}], "facts": {"rows": 569}}
    {"event": "step", "step": "trainer", "state": "failed", "seconds": …, "execution": …,
     "error": {"message": …, "hint": …, "traceback": …}}
    {"event": "run", "state": "complete" | "failed", "seconds": …, "parts": {"imports": …, "metadata": …, "beam": …,
     "work": …}}

    {"event": "closed", "runs": ["tea-3"]}

The last is of runs that were killed: their executions in ML Metadata are not RUNNING any more.

``seconds`` of a step leave out the imports that all steps share; ``parts`` of a run sum to its seconds: ``imports``,
``metadata`` (ML Metadata and TFX's own orchestration), ``beam`` (inside Beam pipelines), ``work`` (the rest).
The nodes that zenrepo puts between the steps (``statistics``, ``schema``) are reported as steps of those kinds.
``facts`` are small numbers and strings worth showing beside the step (rows, splits, metrics, destination).
"""

from __future__ import annotations

import json
from typing import Any, TextIO


def write(stream: TextIO, event: str, **data: Any) -> None:
    """Write one event and flush it, so that a follower sees it at once."""
    stream.write(json.dumps({"event": event, **data}, separators=(",", ":")) + "\n")
    stream.flush()


def read(line: str) -> dict[str, Any] | None:
    """Read one line; ``None`` where it is no event."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) and "event" in data else None
