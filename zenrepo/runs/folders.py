"""What the folders of runs tell of them, should the journal not know them any more."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from zenrepo.runs import events
from zenrepo.runs.plan import Plan

_ENDS = ("complete", "failed")


def rows(private: Path, known: Collection[int]) -> list[dict[str, Any]]:
    """Give a row of the journal for each run that left a folder.

    Args:
        private: the clone's private folder.
        known: the numbers of the runs that are known.
    """
    found = (_row(path) for path in sorted((private / "runs").glob("*/plan.json")))
    return [row for row in found if row and row["number"] not in known]


def _row(file: Path) -> dict[str, Any] | None:
    try:
        plan = Plan.read(file)
        number = int(plan.run.rpartition("-")[2])
        began = file.stat().st_mtime
        said = file.with_name("events.jsonl")
        state, ended = _end(said), said.stat().st_mtime
    except (OSError, ValueError, TypeError, KeyError, json.JSONDecodeError):  # no run of this release
        return None
    return {
        "number": number,
        "pipeline": plan.pipeline,
        "commit": plan.commit,
        "root": plan.repository,
        "reason": "not known any more",
        "cache": plan.cache,
        "state": state,
        "message": "" if state == "complete" else "the journal was damaged; 'zenrepo runs' tells what its folder knows",
        "queued": began,
        "started": began,
        "ended": ended,
    }


def _end(file: Path) -> str:
    """Say how a run ended: what its runner said last, else that it was interrupted."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [event for event in map(events.read, lines) if event and event["event"] == "run"]
    return said[-1]["state"] if said and said[-1].get("state") in _ENDS else "interrupted"
