"""A few examples, as plain data."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from zenrepo.errors import UsageError, did_you_mean

BYTES = "base64"
"""The key of a map that stands for bytes that are no text."""


def sample(folder: Path, split: str, n: int) -> list[dict[str, Any]]:
    """Read the first examples of a split.

    Args:
        folder: of an Examples artifact.
        split: its name.
        n: how many at the most.

    Returns:
        The values by feature; a list of them where any of the examples read has several, ``None`` where there is none.

    Raises:
        UsageError: if there is no such split.
    """
    import tensorflow as tf

    files = sorted(str(file) for file in (folder / f"Split-{split}").glob("*.gz"))
    if not files:
        known = sorted(path.name.removeprefix("Split-") for path in folder.glob("Split-*"))
        raise UsageError(
            f"there is no split '{split}'", did_you_mean(split, known) or f"there are {', '.join(map(repr, known))}"
        )
    rows = [
        {name: _values(feature) for name, feature in tf.train.Example.FromString(one).features.feature.items()}
        for one in tf.data.TFRecordDataset(files, "GZIP").take(n).as_numpy_iterator()
    ]
    names = sorted({name for row in rows for name in row})
    several = {name for row in rows for name, values in row.items() if len(values) > 1}
    return [{name: _plain(row.get(name, []), several=name in several) for name in names} for row in rows]


def _plain(values: list[Any], *, several: bool) -> Any:
    return values if several else next(iter(values), None)


def _values(feature: Any) -> list[Any]:
    kind = feature.WhichOneof("kind")
    values = list(getattr(feature, kind).value) if kind else []
    return [_text(value) for value in values] if kind == "bytes_list" else values


def _text(value: bytes) -> Any:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {BYTES: base64.b64encode(value).decode()}
