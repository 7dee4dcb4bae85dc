"""``zenrepo compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import lines, say, show, show_json
from zenrepo.repo import Repository


def compare(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only runs of this pipeline.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the complete training runs of this clone: the hyperparameters that differ, and the metrics."""
    found = Repository.get_instance().compare_training_runs(name)
    if as_json:
        show_json([{**run._asdict(), "hyperparameters": _plain(run.hyperparameters)} for run in found])
    elif found:
        show(lines(str(found)))
    else:
        say("no training run is complete yet" if name is None else f"no training run of '{name}' is complete yet")


def _plain(hyperparameters: dict[str, object]) -> dict[str, object]:
    """Give values as JSON has them: a date as text."""
    plain = (bool, int, float, str, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in hyperparameters.items()}
