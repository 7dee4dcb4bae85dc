"""What names, step types and events a pipeline file takes."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Final

from zenrepo.errors import UnknownName, UsageError
from zenrepo.pipeline_files.order import ORDERS

VERSION: Final = 1
TAG: Final = "tag"
SCHEDULE: Final = "schedule"
MANUAL: Final = "manual"
CHANGES: Final = ("commit", "merge", "push")
"""The events that bring a change, which may affect a pipeline or not."""
EVENTS: Final = (*CHANGES, TAG, SCHEDULE, MANUAL)
QUEUE: Final = "queue"
CANCEL_RUNNING: Final = "cancel-running"
SUPERSEDED: Final = (QUEUE, "latest", CANCEL_RUNNING)

PIPELINE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")
STEP_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}\Z")
COMMIT: Final = re.compile(r"[0-9a-f]{7,40}\Z")
RELEASE: Final = re.compile(r"zenrepo_[0-9][0-9A-Za-z.+-]*\Z")
SHIPPED: Final = "zenrepo."
TAKEN: Final = ("statistics", "schema", "model")
"""The names of the nodes that TFX works in between the steps."""


def refuse_kind(kind: str) -> None:
    """Refuse a kind of pipeline that is not there.

    Raises:
        UnknownName: with the kinds that are.
    """
    if kind not in ORDERS:
        raise UnknownName("kind of pipeline", kind, ORDERS, f"known are {', '.join(ORDERS)}")


def refuse_superseded(policy: str | None) -> None:
    """Refuse what cannot become of the runs of older commits.

    Raises:
        UnknownName: with what can.
    """
    if policy is not None and policy not in SUPERSEDED:
        raise UnknownName("policy for superseded runs", policy, SUPERSEDED, f"known are {', '.join(SUPERSEDED)}")


def refuse_pipeline_name(name: str) -> None:
    """Refuse a name that is not safe as a file's name on every machine.

    Raises:
        UsageError: unless it is letters, digits, ``-``, ``_`` and ``.``, with no ``-`` or ``.`` in front.
    """
    if not PIPELINE_NAME.match(name):
        hint = "use letters, digits, '_', '-' and '.', at most 100, with no '-' or '.' in front"
        raise UsageError(f"'{name}' cannot be the name of a pipeline", hint)


def refuse_step_name(name: str) -> None:
    """Refuse a name that a step cannot have under ``steps:``.

    Raises:
        UsageError: unless it is letters, digits, ``-`` and ``_``, with a letter or ``_`` in front.
    """
    if not STEP_NAME.match(name):
        hint = "use letters, digits, '_' and '-', at most 100, with a letter or '_' in front"
        raise UsageError(f"'{name}' cannot be the name of a step", hint)


def refuse_taken_name(pipeline: str, name: str) -> None:
    """Refuse a name of a step under which TFX keeps something else.

    Raises:
        UsageError: for the names of TFX's own nodes, and the pipeline's.
    """
    if name in TAKEN:
        raise UsageError(f"a step cannot be named '{name}': TFX works under that name", "name it otherwise")
    if name == pipeline:
        raise UsageError(f"step '{name}' cannot have the name of its pipeline", "name it otherwise")


def refuse_step_type(text: str) -> None:
    """Refuse what cannot be a step type, pinned or not; whether it is there is not looked at.

    Args:
        text: ``module.step.MyStep``, perhaps with ``@<commit>``; a shipped one, with ``@zenrepo_<release>``.

    Raises:
        UsageError: if its form is wrong.
    """
    path, at, pin = text.partition("@")
    names = path.split(".")
    if len(names) < 2 or not all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        raise UsageError(f"'{text}' is not a step type", "write the dotted path of its class: module.step.MyStep")
    if not at or COMMIT.match(pin) or (path.startswith(SHIPPED) and RELEASE.match(pin)):
        return
    shipped = f" or '{path}@zenrepo_<release>'" if path.startswith(SHIPPED) else ""
    raise UsageError(
        f"'{pin}' is not a commit to pin '{path}' to",
        f"write '{path}@<commit>' with 7 to 40 lower-case hex digits{shipped}, or leave the '@' out",
    )


def refuse_events(events: Iterable[str]) -> None:
    """Refuse events that no trigger knows, and a trigger without any.

    Raises:
        UsageError: if there are none.
        UnknownName: for the first that is not known.
    """
    events = list(events)
    if not events:
        raise UsageError("a trigger needs an event", "write [manual] for a pipeline that only 'zenrepo run' starts")
    for event in events:
        if event not in EVENTS:
            raise UnknownName("event", event, EVENTS, f"known are {', '.join(EVENTS)}")


def refuse_idle(key: str, given: bool, events: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse a key of a trigger that decides nothing, because none of its events looks at it.

    Args:
        key: of the trigger.
        given: whether it is there.
        events: that the trigger names.
        needed: those that look at the key.

    Raises:
        UsageError: with what would give it a meaning.
    """
    if given and not set(needed).intersection(events):
        one_of = f"one of {', '.join(needed)}" if len(needed) > 1 else f"'{needed[0]}'"
        named = " and ".join(f"'{event}'" for event in events)
        raise UsageError(f"'{key}' means nothing for {named}", f"add {one_of} to 'on', or leave '{key}' out")


def refuse_glob(glob: str) -> None:
    """Refuse a glob of files that can match none of the repository.

    Args:
        glob: as ``paths`` of a trigger has them, perhaps with ``!`` in front.

    Raises:
        UsageError: for nothing, an absolute path, and one that leaves the repository.
    """
    path = glob.removeprefix("!")
    if not path or path.startswith("/") or ".." in path.split("/") or "\0" in path:
        hint = "write it from the folder that holds .zenml/, such as conf/**"
        raise UsageError(f"'{glob}' matches no file of the repository", hint)
