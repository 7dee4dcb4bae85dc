"""What a resumed run takes over from the run that it goes on with, so that it sees the same data."""

from __future__ import annotations

from typing import NamedTuple

from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import StepEntry
from zenrepo.runs.journal import Run
from zenrepo.runs.plan import Plan


class Origin(NamedTuple):
    """The run that a run began as.

    Args:
        run: its id; that of the run itself, where it resumes none.
        datasources: by step, the datasource that it took, and the commit of that.
    """

    run: str
    datasources: dict[str, tuple[str, str]]

    def settled(self, step: str, entry: StepEntry) -> StepEntry:
        """Give a step as the first run had it: ``latest`` is what it was then."""
        name, commit = self.datasources.get(step, ("", ""))
        if not commit or entry.args.get("datasource") != name:
            return entry
        return StepEntry(
            type=entry.type,
            args={**entry.args, "commit": commit},
            backend=entry.backend,
            timeout=entry.timeout,
            retries=entry.retries,
        )


def origin_of(layout: Layout, run: Run) -> Origin:
    """Find what a run goes on with.

    Args:
        layout: of the repository.
        run: from the journal.

    Returns:
        The run that it began as; the run itself where it resumes none, or where nothing is left of that.
    """
    first = run.options.resumes
    plan = _plan(layout, run.pipeline, first) if first else None
    if plan is None:
        return Origin(run.id, {})
    found = {
        step.name: (str(step.args["datasource"]), str(step.args.get("commit", "")))
        for step in plan.steps
        if "datasource" in step.args
    }
    return Origin(plan.run, found)


def resumed_number(layout: Layout, run: Run) -> int:
    """Say which run one that resumes a run began as: the first of them all of which there is a plan."""
    first = run.options.resumes
    return first if first and _plan(layout, run.pipeline, first) else run.number


def _plan(layout: Layout, pipeline: str, number: int) -> Plan | None:
    try:
        return Plan.read(layout.run(f"{pipeline}-{number}") / "plan.json")
    except (OSError, ValueError, KeyError, TypeError):  # it was never planned, or by another release
        return None
