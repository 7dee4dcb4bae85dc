"""Whether an artifact that TFX's cache would re-use is still there, whole, and still in force.

TFX itself asks only whether the artifact's folder exists.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tfx.types.artifact import Artifact

FILES, BYTES, DIGEST, WRITTEN, FACTS = "files", "bytes", "digest", "written", "facts"
"""The custom properties that every artifact of a step has: how many files and bytes, a digest of their contents and one
of when they were written, and what the step found out."""

PUSHED, DESTINATION = "pushed", "pushed_destination"


def seal(artifact: Artifact) -> None:
    """Record on an artifact what `verify` asks for."""
    files, size = _measured(artifact.uri)
    artifact.set_int_custom_property(FILES, files)
    artifact.set_int_custom_property(BYTES, size)
    artifact.set_string_custom_property(DIGEST, digest(artifact.uri))
    artifact.set_string_custom_property(WRITTEN, _written(artifact.uri))


def digest(uri: str | Path) -> str:
    """Digest the names and contents of the files of a folder, or of one file."""
    found = hashlib.sha256()
    for name, file in _files(uri):
        content = hashlib.sha256()
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                content.update(chunk)
        found.update(name + b"\0" + content.digest())
    return found.hexdigest()


def _written(uri: str) -> str:
    """Digest when the files of an artifact were written: as long as it is the same, nobody need read them."""
    stats = [(name, file.stat()) for name, file in _files(uri)]
    said = [b"%s\0%d\0%d" % (name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return hashlib.sha256(b"\0".join(said)).hexdigest()


def _measured(uri: str) -> tuple[int, int]:
    sizes = [file.stat().st_size for _, file in _files(uri)]
    return len(sizes), sum(sizes)


def _files(uri: str | Path) -> list[tuple[bytes, Path]]:
    path = Path(uri)
    found = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sorted((os.fsencode(file.relative_to(path)), file) for file in found)


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
        if not _is_whole(artifact):
            raise RuntimeError(f"artifact '{artifact.uri}' is not as it was written")
        if not _in_force(artifact):
            raise RuntimeError(f"the model deployed from '{artifact.uri}' is no longer the one that serves")


def _is_whole(artifact: Artifact) -> bool:
    """Whether an artifact is as it was recorded, where it was; its files are read only if they look touched."""
    if not artifact.has_custom_property(FILES):
        return True
    recorded = artifact.get_int_custom_property(FILES), artifact.get_int_custom_property(BYTES)
    if _measured(artifact.uri) != recorded:
        return False
    content = artifact.get_string_custom_property(DIGEST)
    is_touched = artifact.get_string_custom_property(WRITTEN) != _written(artifact.uri)
    return not content or not is_touched or digest(artifact.uri) == content


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
