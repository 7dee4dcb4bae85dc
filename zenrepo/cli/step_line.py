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
    "skipped": ("-", "dim"),
    "waiting": ("·", "dim"),
    "running": (">", "yellow"),
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
    if progress:
        text.append(f"  {amount(progress)}")
    facts = "  ".join(f"{clean(k)} {clean(_short(v))}" for k, v in (event.get("facts") or {}).items())
    if facts:
        text.append(f"  {facts}", "dim")
    text.rstrip()
    return text


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
