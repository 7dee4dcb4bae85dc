"""What is said of a step, in a line."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.text import Text

from zenrepo.cli.output import clean, duration

MARKS = {
    "complete": ("✓", "green"),
    "cached": ("=", "cyan"),
    "failed": ("✗", "red"),
    "stopped": ("✗", "yellow"),
    "skipped": ("-", "dim"),
    "waiting": ("·", "dim"),
    "running": (">", "yellow"),
    "retrying": ("↻", "yellow"),
}


def step_line(event: dict[str, Any], progress: dict[str, Any] | None = None) -> Text:
    """Write a step in a line: mark, name, state, time or how far it is, and what is worth knowing of it.

    Args:
        event: the newest of the step.
        progress: what it said last of how far it is, where it runs.
    """
    mark, style = MARKS.get(event["state"], ("?", ""))
    text = Text.assemble((mark, style), f" {clean(event['step']):<12} {clean(event['state']):<9}")
    if "seconds" in event:
        text.append(f"{duration(event['seconds']):>8}")
    if event["state"] == "retrying" or event.get("attempt", 1) > 1:
        text.append(f"  {attempt(event)}")
    if progress:
        text.append(f"  {amount(progress)}")
    facts = "  ".join(f"{clean(k)} {clean(_short(v))}" for k, v in (event.get("facts") or {}).items())
    if facts:
        text.append(f"  {facts}", "dim")
    text.rstrip()
    return text


def attempt(event: dict[str, Any]) -> str:
    """Write which attempt of a step it is; of one that failed, why, and when the next begins."""
    which = f"attempt {event['attempt']} of {event['attempts']}"
    if event["state"] != "retrying":
        return which
    why = clean(event["error"]["message"].partition("\n")[0]).removeprefix(f"step '{clean(event['step'])}': ")
    return f"{which} failed: {why}; again in {duration(event['wait'])}"


def amount(progress: dict[str, Any]) -> str:
    """Write how far a step is: ``3 of 10 epochs``."""
    of = f" of {count(progress['total'])}" if progress["total"] is not None else ""
    return f"{count(progress['done'])}{of} {clean(progress['unit'])}"


def count(number: float) -> str:
    """Write a number of things."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.4g}"


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict) and len(value) > 8 and all(isinstance(v, str) for v in value.values()):
        return ", ".join(f"{number} {what}" for what, number in Counter(map(_short, value.values())).items())
    if isinstance(value, dict):
        return ", ".join(f"{k} {_short(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return str(value)
