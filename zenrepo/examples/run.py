"""Run an example from an empty folder to its number."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from zenrepo.errors import ZenrepoError
from zenrepo.examples.catalogue import Example, Expected, find, missing
from zenrepo.examples.pull import pull
from zenrepo.shell import Shell


class Outcome(NamedTuple):
    """What an example ended in.

    Args:
        value: of its metric.
        expected: what was to be expected of it.
    """

    value: float
    expected: Expected

    @property
    def within(self) -> bool:
        """Whether it is what was to be expected."""
        return self.expected.at_least <= self.value <= self.expected.at_most

    def __str__(self) -> str:
        e = self.expected
        verdict = "within" if self.within else "NOT within"
        return f"{e.metric} {self.value:.3g}, {verdict} what was expected ({e.bounds}); known: {e.known}"


def run(name: str, folder: Path, say: Callable[[str], None]) -> Outcome:
    """Pull an example and do in it what its README says.

    Args:
        name: of the example.
        folder: where; made if it is missing, and must be empty.
        say: prints a line.

    Returns:
        The number that it ends in.

    Raises:
        ZenrepoError: if a library is missing, the folder holds something, or a command fails.
    """
    example = find(name)
    refuse_missing(example)
    say(f"$ zenrepo example pull {name} {folder}")
    shell = Shell(pull(name, folder), say)
    printed = ""
    for line in example.commands:
        command = shlex.split(line)
        if command[0] == "python":
            printed = shell.show("python", "-W", "ignore", *command[1:])
        else:
            shell.run(*command)
    say(f"the repository stays in {shell.folder}")
    return Outcome(_printed(example, printed) if example.is_printed else _measured(example, shell), example.expected)


def refuse_missing(example: Example) -> None:
    """Refuse to run an example that lacks a library.

    Raises:
        ZenrepoError: naming what to install.
    """
    lacking = missing(example)
    if lacking:
        extras = ",".join(lacking)
        raise ZenrepoError(f"example '{example.name}' needs what is not installed", f"pip install 'zenrepo[{extras}]'")


def _measured(example: Example, shell: Shell) -> float:
    """Look the metric up in the newest run of the example's pipeline."""
    runs = json.loads(shell.output("zenrepo", "runs", "--pipeline", example.pipeline, "--json"))
    report = json.loads(shell.output("zenrepo", "runs", str(runs[0]["run"]), "--json"))
    found: dict[str, Any] = {}
    for event in report["events"]:
        found |= event.get("facts", {}).get("metrics", {})
    metric = example.expected.metric
    if metric not in found:
        raise ZenrepoError(f"run {runs[0]['run']} measured no '{metric}', but {', '.join(found) or 'nothing'}")
    return float(found[metric])


def _printed(example: Example, printed: str) -> float:
    """Find the metric in what the last command printed."""
    found = re.search(rf"^{re.escape(example.expected.metric)} ([0-9.]+)", printed, re.MULTILINE)
    if found is None:
        raise ZenrepoError(f"'{example.commands[-1]}' printed no '{example.expected.metric}'")
    return float(found[1])
