"""When a schedule comes: by the rules of cron, across summer times."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenrepo.errors import UsageError
from zenrepo.pipeline_files.cron import first_after, last_until, refuse_schedule, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    """Give a local time as seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ("0 3 * * *", "2026-11-22T02:59", "2026-11-22T03:00"),
        ("0 3 * * *", "2026-11-22T03:00", "2026-11-23T03:00"),
        ("*/15 * * * *", "2026-11-22T03:01", "2026-11-22T03:15"),
        ("0 9 * * mon-fri", "2026-11-20T10:00", "2026-11-23T09:00"),
        ("0 0 L * *", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("30 2 * * *", "2026-03-28T12:00", "2026-03-29T03:00"),  # summer time leaves 02:30 out
        ("30 2 * * *", "2026-10-24T12:00", "2026-10-25T02:30"),  # and 02:30 comes twice
        ("30 2 * * *", "2026-10-25T02:30", "2026-10-26T02:30"),
    ],
)
def test_a_schedule_comes_by_the_clock_of_its_zone(schedule: str, now: str, due: str) -> None:
    """What is due in an hour that is left out comes after it; what is due in one that comes twice, comes once."""
    assert first_after(schedule, BERLIN, at(now)) == at(due)


def test_what_came_last_is_found_from_any_moment() -> None:
    """The moment itself counts, and an hour that is left out does not hide what came instead."""
    assert last_until("0 3 * * *", BERLIN, at("2026-11-22T03:00")) == at("2026-11-22T03:00")
    assert last_until("0 3 * * *", BERLIN, at("2026-11-22T02:59")) == at("2026-11-21T03:00")
    assert last_until("30 2 * * *", BERLIN, at("2026-03-29T03:00")) == at("2026-03-29T03:00")


@given(
    schedule=st.sampled_from(
        ["0 3 * * *", "30 2 * * *", "*/7 * * * *", "0 */6 1,15 * *", "15 2 * * sun", "0 0 29 2 *"]
    ),
    now=st.integers(at("2020-01-01"), at("2035-01-01")),
)
def test_nothing_lies_between_the_last_and_the_next_time(schedule: str, now: int) -> None:
    """The last time is not after now, the next one is, and the next after the last is the next after now."""
    last, due = last_until(schedule, BERLIN, now), first_after(schedule, BERLIN, now)

    assert last <= now < due
    assert first_after(schedule, BERLIN, last) == due


@given(st.text("0123456789*/-,#LW abJAN", max_size=20))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    """A schedule that is taken comes some time."""
    try:
        refuse_schedule(text)
    except UsageError:
        return

    assert first_after(text, BERLIN, at("2026-11-22T03:00")) > at("2026-11-22T03:00")


def test_the_zone_is_that_of_the_machine_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """TZ says which, as it does for cron."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert str(zone_of(None)) == "Asia/Tokyo"
    assert str(zone_of("Europe/Berlin")) == "Europe/Berlin"
