"""``zenrepo compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import lines, say, show, show_json
from zenrepo.flows.answers.compare import TrainingRun
from zenrepo.repo import Repository


def compare(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only runs of this pipeline.", show_default=False)
    ] = None,
    run_name: Annotated[
        str | None, typer.Option("--name", metavar="GLOB", help="Only runs whose name matches, such as 'epochs=*'.")
    ] = None,
    sort: Annotated[str | None, typer.Option(metavar="METRIC", help="The largest of this metric first.")] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="With --sort, the smallest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the complete training runs of this clone: the hyperparameters that differ, and the metrics."""
    found = Repository.get_instance().compare_training_runs(name, name=run_name, sort=sort, ascending=ascending)
    if as_json:
        show_json([_plain_run(run) for run in found])
    elif found:
        show(lines(str(found)))
    else:
        of = "" if name is None else f" of '{name}'"
        say(f"no training run{of}{'' if run_name is None else f' named {run_name}'} is complete yet")


def _plain_run(run: TrainingRun) -> dict[str, object]:
    return {**run._asdict(), "hyperparameters": _plain(run.hyperparameters), "settings": dict(run.settings)}


def _plain(hyperparameters: dict[str, object]) -> dict[str, object]:
    """Give values as JSON has them: a date as text."""
    plain = (bool, int, float, str, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in hyperparameters.items()}
