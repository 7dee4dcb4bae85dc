"""Show the runs of one command, one after the other, and compare them."""

from __future__ import annotations

from collections.abc import Sequence

from zenrepo.cli.output import lines, say, show
from zenrepo.cli.watch import finish, watch
from zenrepo.errors import RunFailed
from zenrepo.flows.answers.compare import compared
from zenrepo.layout import Layout
from zenrepo.pipelines.comparison import Comparison
from zenrepo.runs.journal import COMPLETE, Journal, Run


def watch_all(layout: Layout, runs: Sequence[Run]) -> None:
    """Show runs until they have ended, and of several a table in the end.

    Raises:
        RunFailed: if one did not come to a good end.
    """
    with Journal(layout.runs_db) as journal:
        for run in runs:
            if len(runs) > 1:
                say(f"run {run.number}: {run.options.name}")
            watch(layout, journal, run.number)
            if len(runs) == 1:
                finish(journal.run(run.number))
        ended = [journal.run(run.number) for run in runs]
    if len(ended) > 1:
        show(lines(str(Comparison(compared(layout, ended)))))
        _refuse_failed(ended)


def _refuse_failed(ended: Sequence[Run]) -> None:
    failed = [str(run.number) for run in ended if run.state != COMPLETE]
    if failed:
        raise RunFailed(
            f"{len(failed)} of {len(ended)} runs came to no good end: {', '.join(failed)}",
            f"'zenrepo runs {failed[0]}' says why",
        )
