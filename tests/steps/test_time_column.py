"""A column of times is read text by text, however they are mixed."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zenrepo.errors import StepFailed
from zenrepo.steps.times import parse

pytestmark = pytest.mark.heavy

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

dates = st.dates(date(1700, 1, 1), date(2200, 1, 1)).map(str)
clocks = st.times().map(lambda time: f"{time:%H:%M:%S}")
offsets = st.sampled_from(["", "Z", " Z", "+01:00", "-0530", "+02", " +0200"])
texts = dates | st.builds("{}{}{}{}".format, dates, st.sampled_from("T "), clocks, offsets)


@settings(deadline=None)  # the first one imports pandas
@given(st.lists(st.none() | texts, max_size=8))
def test_every_text_is_read_as_if_it_stood_alone(column: list[str | None]) -> None:
    """One without an offset is UTC, and takes none from its neighbours."""
    import pyarrow as pa

    from zenrepo.steps.time_column import NAT, nanoseconds_of

    moments = [parse(text) if text else None for text in column]
    expected = [(m - EPOCH) // timedelta(microseconds=1) * 1000 if m else NAT for m in moments]

    assert nanoseconds_of(pa.array(column, pa.string()), "t").tolist() == expected


@pytest.mark.parametrize("text", ["2026-01-31T25:00", "2026-02-30", "tomorrow", "1600-01-01", "2026-01-31T12:00+1"])
def test_what_is_no_time_is_named(text: str) -> None:
    """The column and the text are, and how to write it."""
    import pyarrow as pa

    from zenrepo.steps.time_column import nanoseconds_of

    with pytest.raises(StepFailed, match="in column 't' is not an ISO 8601 time from 1678 to 2261") as raised:
        nanoseconds_of(pa.array(["2026-01-31T12:00Z", text]), "t")
    assert repr(text) in raised.value.message
