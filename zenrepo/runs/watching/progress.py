"""How far a running step is, as its process wrote it down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def progress_file(log: str | Path) -> str:
    """Name the file in which a step says how far it is.

    Args:
        log: the file of the step's log.
    """
    return str(Path(log).with_suffix(".progress"))


def progress(folder: Path, step: str) -> dict[str, Any] | None:
    """Read how far a step is.

    Args:
        folder: of the run.
        step: its name.

    Returns:
        The event, see `zenrepo.runs.events`; ``None`` where the step has said nothing.
    """
    try:
        said = json.loads(Path(progress_file(folder / f"{step}.log")).read_text(encoding="utf-8"))
        return {"event": "progress", "step": step, **{name: said[name] for name in ("done", "total", "unit", "time")}}
    except (OSError, ValueError, KeyError, TypeError):
        return None
