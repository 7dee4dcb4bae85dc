"""Schedules of pipelines: the five fields of cron, in a time zone."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from zenrepo.errors import UnknownName, UsageError

_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_FORM = "write five fields, minute, hour, day of month, month, day of week: '0 3 * * *' is every night at three"
_LOCAL = Path("/etc/localtime")


def refuse_schedule(schedule: str) -> None:
    """Refuse what is no schedule.

    Args:
        schedule: the five fields of cron.

    Raises:
        UsageError: naming the field that is wrong.
    """
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise UsageError(f"schedule '{schedule}' has {len(fields)} fields, not 5", _FORM)
    try:
        next(CronSim(schedule, datetime(2000, 1, 1)))  # noqa: DTZ001  (any moment will do)
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        wrong = fields[_FIELDS.index(name)] if name in _FIELDS else schedule
        raise UsageError(f"'{wrong}' is no {name} of a schedule", _FORM) from error
    except StopIteration as error:
        raise UsageError(f"schedule '{schedule}' never comes", _FORM) from error


def refuse_zone(name: str) -> None:
    """Refuse a time zone that this machine does not know.

    Raises:
        UnknownName: with what is near.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = available_timezones()
        raise UnknownName("time zone", name, known, "write it as in 'Europe/Berlin', or 'UTC'") from error


def zone_of(name: str | None) -> tzinfo:
    """Give a time zone with its summer times.

    Args:
        name: as ``Europe/Berlin``; ``None`` for that of this machine: ``TZ``, else the system's.
    """
    wanted = name or os.environ.get("TZ", "").lstrip(":")
    if wanted:
        try:
            return ZoneInfo(wanted)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass  # TZ may hold what only the C library reads
    elif _LOCAL.is_file():
        with _LOCAL.open("rb") as file:
            return ZoneInfo.from_file(file)
    return datetime.now(timezone.utc).astimezone().tzinfo or timezone.utc


def first_after(schedule: str, zone: tzinfo, moment: float) -> float:
    """Say when a schedule comes next.

    Where summer time leaves an hour out, what is due in it comes right after; what is due in an hour that comes twice,
    comes once.

    Args:
        schedule: five fields that `refuse_schedule` takes.
        zone: its time zone.
        moment: seconds since 1970; it comes later than that.
    """
    coming = CronSim(schedule, datetime.fromtimestamp(moment, zone))
    while (due := next(coming).timestamp()) <= moment:
        pass
    return due


def last_until(schedule: str, zone: tzinfo, moment: float) -> float:
    """Say when a schedule came last, as `first_after`; at the moment itself counts."""
    start = datetime.fromtimestamp(moment, zone) + timedelta(hours=1)  # where an hour is left out, it comes later
    gone = CronSim(schedule, start, reverse=True)
    while (due := next(gone).timestamp()) > moment:
        pass
    return due
