"""Why steps of a run failed: the user's line as it was at that commit, and what the step had to work with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from zenrepo.errors import ZenrepoError
from zenrepo.flows.answers import results
from zenrepo.flows.planning.wiring import JOINED, Node, makers
from zenrepo.git import tree
from zenrepo.layout import Layout
from zenrepo.runs.journal import COMPLETE, Run
from zenrepo.runs.plan import PlannedStep
from zenrepo.runs.watching.past import past
from zenrepo.runs.watching.standing import FAILED, was_stopped

AROUND = 3
"""Lines shown before and after the one where the error came up."""


class Place(NamedTuple):
    """A line of the user's source.

    Args:
        file: relative to the folder with ``.zenml/``.
        line: from 1.
        function: in which it is.
        commit: that the file is of.
        source: the line and those around it, by number; empty where git does not have them.
    """

    file: str
    line: int
    function: str
    commit: str
    source: dict[int, str]


class Given(NamedTuple):
    """Something that a step had to work with.

    Args:
        name: of the input; the path of a file, as an argument names it.
        type: of the artifact; ``file`` for a file of the repository.
        uri: where it is; empty for a file of the commit.
        step: that made it; empty for a file.
        rows: how many it has, by split; empty where nobody counted them.
    """

    name: str
    type: str
    uri: str
    step: str
    rows: dict[str, int]


class Failure(NamedTuple):
    """Why a step failed.

    Args:
        step: its name.
        message: what went wrong.
        hint: the cure; empty where none is known.
        place: the innermost line of the user's source; ``None`` where the error came from none.
        inputs: what it had to work with.
        arguments: what it was made with.
        log: the file that holds all that it printed, with the whole traceback where there is one.
        was_ended: whether it was killed, or ended at its time limit, so that there is no traceback.
        is_final: whether it would fail of the same if nothing but time went by: arguments and data are what they are.
    """

    step: str
    message: str
    hint: str
    place: Place | None
    inputs: list[Given]
    arguments: dict[str, Any]
    log: str
    was_ended: bool = False
    is_final: bool = False

    def plain(self) -> dict[str, Any]:
        """Give it as what JSON can hold."""
        place = self.place._asdict() if self.place else None
        return {**self._asdict(), "place": place, "inputs": [given._asdict() for given in self.inputs]}


def failures(layout: Layout, run: Run) -> list[Failure]:
    """Explain which steps of a run failed.

    Args:
        layout: of the repository.
        run: one that has ended; of one that was stopped, no step has failed.

    Returns:
        The steps that failed; none where the run failed before its first.
    """
    if run.state == COMPLETE:
        return []
    events = past(layout, run.id)
    last = {event["step"]: event for event in events if event["event"] == "step"}
    failed = [event for event in last.values() if _counts(run, event)]
    if not failed:
        return []
    try:
        result = results.read(layout, run)
    except ZenrepoError:  # its plan is gone, or of another release
        return [_failure(layout, run, event, [], {}) for event in failed]
    steps = {step.name: step for step in result.plan.steps}
    arguments = results.hyperparameters(result)
    nodes = [Node(n["name"], n["kind"], steps.get(n["name"])) for e in events for n in e.get("steps", [])]
    sources = makers(nodes)
    return [
        _failure(
            layout,
            run,
            event,
            _inputs(sources.get(event["step"], {}), result, steps.get(event["step"])),
            arguments.get(event["step"], {}),
        )
        for event in failed
    ]


def _counts(run: Run, event: dict[str, Any]) -> bool:
    """Say whether a step failed: it did not end with its run, and the run was asked to execute it."""
    error = event.get("error", {})
    return event["state"] == FAILED and bool(error) and "first" not in error and not was_stopped(event, run.state)


def _failure(
    layout: Layout, run: Run, event: dict[str, Any], inputs: list[Given], arguments: dict[str, Any]
) -> Failure:
    error = event["error"]
    log = str(layout.run(run.id) / f"{event['step']}.log")
    place = _place(layout, run.commit, error["frame"]) if error.get("frame") else None
    was_ended = error.get("traceback") == "" and not error.get("frame")
    hint, is_final = error.get("hint", ""), error.get("final", False)
    return Failure(event["step"], error["message"], hint, place, inputs, arguments, log, was_ended, is_final)


def _place(layout: Layout, commit: str, frame: dict[str, Any]) -> Place:
    """Look a line up in git: the working tree may have gone on."""
    commit = frame["commit"] or commit
    file, line = frame["file"], frame["line"]
    try:
        text = tree.content(layout.common, f"{commit}:{layout.prefix}{file}").decode("utf-8", "replace")
    except ZenrepoError:
        text = ""
    lines = dict(enumerate(text.splitlines(), 1))
    source = {n: lines[n] for n in range(line - AROUND, line + AROUND + 1) if n in lines} if line in lines else {}
    return Place(file, line, frame["function"], commit, source)


def _inputs(sources: dict[str, str], result: results.Result, step: PlannedStep | None) -> list[Given]:
    """List the artifacts that a step was given, and the files that its arguments name."""
    found = []
    for name, maker in sources.items():
        made = [a for a in result.artifacts if a.step == maker and a.name in (name, *JOINED.get(name, ()))]
        facts = result.facts.get(maker, {})
        found += [Given(a.name, a.type, a.uri, maker, _rows(a.type, facts)) for a in made]
    checkout = Path(result.plan.checkout)  # it is gone when the run has ended
    files = {name: Path(file.path) for name, file in step.inputs.items()} if step else {}
    return found + [
        Given(name, "file", "" if path.is_relative_to(checkout) else str(path), "", {}) for name, path in files.items()
    ]


def _rows(kind: str, facts: dict[str, Any]) -> dict[str, int]:
    """Read how many rows the maker of examples counted."""
    if kind != "Examples":
        return {}
    splits = facts.get("splits")
    if isinstance(splits, dict):
        return {str(name): rows for name, rows in splits.items() if isinstance(rows, int)}
    rows = facts.get("rows")
    return {"": rows} if isinstance(rows, int) else {}
