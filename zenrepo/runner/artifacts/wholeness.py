"""Whether an artifact that TFX's cache would re-use is still there, whole, and still in force.

TFX itself asks only whether the artifact's folder exists.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfx.types.artifact import Artifact

FILES, BYTES, FACTS = "files", "bytes", "facts"
"""The custom properties that every artifact of a step has."""

PUSHED, DESTINATION = "pushed", "pushed_destination"


def measure(uri: str) -> tuple[int, int]:
    """Count what an artifact holds.

    Args:
        uri: its folder or file.

    Returns:
        The number of its files and the sum of their sizes in bytes.
    """
    path = Path(uri)
    sizes = [f.stat().st_size for f in ([path] if path.is_file() else path.rglob("*")) if f.is_file()]
    return len(sizes), sum(sizes)


def rows_of(artifact: Artifact, split: str = "") -> int | None:
    """Say how many examples the step counted that made them; ``None`` where it did not say.

    Args:
        artifact: examples.
        split: of which of its splits; of all where none is named.
    """
    text = artifact.get_string_custom_property(FACTS)
    facts = json.loads(text) if text else {}
    splits = facts.get("splits")
    rows = splits.get(split) if split and isinstance(splits, dict) else facts.get("rows")
    return rows if isinstance(rows, int) else None


def verify(artifacts: Artifact | list[Artifact] | dict[str, list[Artifact]]) -> None:
    """Check artifacts, in place of TFX's own function of this signature.

    Args:
        artifacts: one, several, or several by name.

    Raises:
        RuntimeError: where one is not as it was made. TFX then goes on to an earlier result, or runs the step again.
    """
    if isinstance(artifacts, Artifact):
        artifacts = [artifacts]
    elif isinstance(artifacts, dict):
        artifacts = [artifact for several in artifacts.values() for artifact in several]
    for artifact in artifacts:
        if not artifact.uri or not Path(artifact.uri).exists():
            raise RuntimeError(f"artifact '{artifact.uri}' is gone")
        if _recorded(artifact) not in (None, measure(artifact.uri)):
            raise RuntimeError(f"artifact '{artifact.uri}' is not as it was written")
        if not _in_force(artifact):
            raise RuntimeError(f"the model deployed from '{artifact.uri}' is no longer the one that serves")


def _recorded(artifact: Artifact) -> tuple[int, int] | None:
    if not artifact.has_custom_property(FILES):
        return None
    return artifact.get_int_custom_property(FILES), artifact.get_int_custom_property(BYTES)


def _in_force(artifact: Artifact) -> bool:
    """Whether a deployed model still stands where it was put, with no newer version beside it."""
    if not artifact.has_custom_property(DESTINATION) or not artifact.get_int_custom_property(PUSHED):
        return True
    destination = Path(artifact.get_string_custom_property(DESTINATION))
    if not destination.is_absolute():
        return True  # an address, which only its own step could ask
    return destination.exists() and not any(_newer(other, destination) for other in destination.parent.iterdir())


def _newer(other: Path, destination: Path) -> bool:
    numbers: list[Any] = [other.name, destination.name]
    return all(n.isdecimal() for n in numbers) and int(numbers[0]) > int(numbers[1])
