"""Reads a column of times.

This module imports numpy, pandas and Arrow; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from zenrepo.errors import StepFailed
from zenrepo.steps.times import ISO

OFFSET = r"[T ].*[Z+-]"
"""What only a text of `ISO` with an offset holds: its sign, behind a time of day."""

NAT = np.iinfo(np.int64).min


def is_text(values: pa.Array) -> bool:
    """Whether a column holds texts."""
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(kind(values.type) for kind in kinds)


def nanoseconds_of(texts: pa.Array, column: str) -> np.ndarray[Any, Any]:
    """Read ISO 8601 times.

    Args:
        texts: n texts, or nulls.
        column: their name.

    Returns:
        n numbers of nanoseconds since 1970 in UTC; for a null the smallest number there is.

    Raises:
        StepFailed: for the first text that is none.
    """
    encoded = texts.cast(pa.string()).dictionary_encode()
    distinct = encoded.dictionary
    wrong = pc.invert(pc.match_substring_regex(distinct, ISO))
    parsed = pd.Series(distinct.filter(pc.invert(wrong)).to_pylist(), dtype=object)
    moments = _moments(parsed.str.replace(",", ".", regex=False))
    if pc.any(wrong).as_py() or moments.isna().any():
        bad = distinct.filter(wrong).to_pylist() or parsed[moments.isna()].tolist()
        raise StepFailed(
            f"{bad[0]!r} in column '{column}' is not an ISO 8601 time from 1678 to 2261",
            "write it as '2026-01-31' or '2026-01-31T12:00:00Z', or as a number",
        )
    known = np.append(moments.to_numpy("datetime64[ns]").astype(np.int64), NAT)
    found: np.ndarray[Any, Any] = known[np.asarray(encoded.indices.fill_null(len(distinct)))]
    return found


def _moments(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Read texts with an offset apart from those without: pandas 2 hands an offset on to a text that has none."""
    newer = {"format": "ISO8601"} if int(pd.__version__.partition(".")[0]) >= 2 else {}
    has_offset = texts.str.contains(OFFSET).astype(bool)
    parts = (texts[has_offset], texts[~has_offset])
    read = [pd.to_datetime(part, utc=True, errors="coerce", **newer) for part in parts if len(part)]
    return pd.concat(read).sort_index() if read else pd.Series(dtype="datetime64[ns, UTC]")


def write(nanoseconds: int) -> str:
    """Write a moment as ISO 8601 does, in UTC."""
    return f"{pd.Timestamp(nanoseconds).isoformat()}Z"
