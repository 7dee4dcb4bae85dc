"""The part of a pipeline file that says which commits run it, and when."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from zenrepo.errors import UsageError
from zenrepo.pipeline_files import rules
from zenrepo.typed_yaml import Typed, default_list

At = Callable[..., AbstractContextManager[None]]
"""Makes a context that tells an error where in a file the keys that it is called with stand."""


class Trigger(Typed, frozen=True, kw_only=True):
    """Which commits run a pipeline.

    Args:
        on: the events that run it.
        branches: globs of the branches whose commits do; every branch where it is empty. For a schedule: the branches
            that it runs at; the one that is checked out where it is empty.
        paths: globs of the files whose changes do; whatever affects the pipeline where it is empty.
        tags: globs of the tags whose commits run it; every tag where it is empty.
        schedule: the times at which it runs, as the five fields of cron.
        timezone: of the schedule, such as ``Europe/Berlin``; that of the machine where there is none.
        superseded: what becomes of the runs of older commits: ``queue``, or nothing, executes them all, ``latest``
            leaves out those that wait, ``cancel-running`` stops the one that runs, too.
    """

    on: list[str] = default_list("commit")
    branches: list[str] = default_list()
    paths: list[str] = default_list()
    tags: list[str] = default_list()
    schedule: str | None = None
    timezone: str | None = None
    superseded: str | None = None


def refuse_trigger(trigger: Trigger, at: At) -> None:
    """Refuse a trigger with something in it that is wrong, or that nothing looks at.

    Args:
        trigger: to look at.
        at: called with the key, and perhaps the position in its list, that is looked at.

    Raises:
        UsageError: for the first thing, as ``at`` makes it.
    """
    with at("on"):
        rules.refuse_events(trigger.on)
        if rules.SCHEDULE in trigger.on and trigger.schedule is None:
            raise UsageError("event 'schedule' needs its times", "write schedule: '0 3 * * *' beside 'on'")
    _refuse_idle_keys(trigger, at)
    for position, glob in enumerate(trigger.paths):
        with at("paths", position):
            rules.refuse_glob(glob)
    with at("superseded"):
        rules.refuse_superseded(trigger.superseded)
    if trigger.schedule is not None:
        _refuse_schedule(trigger.schedule, trigger.timezone, at)


def _refuse_idle_keys(trigger: Trigger, at: At) -> None:
    by_hand = set(trigger.on) == {rules.MANUAL}  # what runs nothing for a while may keep its globs
    for key, given, needed in (
        ("branches", bool(trigger.branches) and not by_hand, (*rules.CHANGES, rules.SCHEDULE)),
        ("paths", bool(trigger.paths) and not by_hand, rules.CHANGES),
        ("tags", bool(trigger.tags) and not by_hand, (rules.TAG,)),
        ("schedule", trigger.schedule is not None and not by_hand, (rules.SCHEDULE,)),
        ("timezone", trigger.timezone is not None and trigger.schedule is None, (rules.SCHEDULE,)),
    ):
        with at(key):
            rules.refuse_idle(key, given, trigger.on, needed)


def _refuse_schedule(schedule: str, timezone: str | None, at: At) -> None:
    from zenrepo.pipeline_files import cron  # noqa: PLC0415  (it costs 20 ms, and few pipelines have a schedule)

    with at("schedule"):
        cron.refuse_schedule(schedule)
    if timezone is not None:
        with at("timezone"):
            cron.refuse_zone(timezone)
