"""``zenrepo runs``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zenrepo.cli import wishes
from zenrepo.cli.failed import show_failures
from zenrepo.cli.logs import refuse_unknown, show_logs
from zenrepo.cli.output import clean, commit_name, follow_later, say, show, show_json
from zenrepo.cli.show_runs import journal_of, plain, show_runs
from zenrepo.cli.watch import finish, show_steps, watch
from zenrepo.cli.wishes import run_number
from zenrepo.errors import UsageError
from zenrepo.flows.answers.failures import failures
from zenrepo.flows.execution.resume import cancel, cancel_all, resume
from zenrepo.flows.planning.captured import note
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, STATES, Journal, Run
from zenrepo.runs.watching.notify import NOTIFIED
from zenrepo.runs.watching.past import past, standing


class _IdOrCommand(TyperGroup):
    """Takes ``runs 3`` and ``runs --follow`` as ``runs show``, and anything else without a command as ``runs list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the word that was left out."""
        if args[:1] != ["--help"] and not (args and args[0] in self.commands):
            args = ["show" if _names_one(args) else "list", *args]
        return super().parse_args(ctx, args)


def _names_one(args: list[str]) -> bool:
    words = iter(args)
    for word in words:
        if word in _FOLLOW or not word.startswith("-"):
            return True
        if word in _VALUED:
            next(words, None)
    return False


_FOLLOW = ("--follow", "-f", "--log")
_VALUED = ("--pipeline", "--name", "--state", "--commit", "--limit", "-n")
app = typer.Typer(cls=_IdOrCommand, help="The runs of this clone: list them, show or follow one, cancel or resume one.")
Id = Annotated[
    int, typer.Argument(parser=run_number, metavar="ID", help="The run's number, or name.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Detach = Annotated[bool, typer.Option("--detach", help="Queue it and return.")]


@app.command("list")
def list_all(
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="List the runs of this pipeline.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="GLOB", help="List the runs whose name matches, such as 'epochs=*'.")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", help=f"List the runs that are so: {', '.join(STATES)}.")
    ] = None,
    commit: Annotated[str | None, typer.Option("--commit", metavar="REV", help="List the runs of this commit.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="List so many at the most.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the runs of this clone, newest first."""
    show_runs(pipeline=pipeline, name=name, state=state, commit=commit, limit=limit, as_json=as_json)


@app.command("show")
def show_one(
    number: Annotated[
        int | None, typer.Argument(parser=run_number, metavar="[ID]", help="Show this run.", show_default=False)
    ] = None,
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="Only this step.", show_default=False)] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow it, or the newest, to its end.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Print what its steps have printed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run, the newest by default, or follow it live to its end."""
    layout = locate()
    with journal_of(layout) as journal:
        run = journal.run(number or _newest(journal))
        if step is not None:
            refuse_unknown(layout, run, step)
        if follow:
            watch(layout, journal, run.number, step=step, logs=log, as_json=as_json)
            finish(journal.run(run.number), quiet=as_json)
        elif log:
            show_logs(layout, run, step)
        else:
            _show(layout, run, step, as_json=as_json)


@app.command("cancel")
def cancel_some(
    number: Annotated[
        int | None, typer.Argument(parser=run_number, metavar="[ID]", help="Cancel this run.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Cancel all runs that wait or are running.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Cancel all runs that wait.")] = False,
    pipeline: Annotated[str | None, typer.Option("--pipeline", help="Of all, those of this pipeline.")] = None,
) -> None:
    """Take runs out of the queue, or stop them where they are running; what their steps have completed is kept."""
    several = everything or waiting or pipeline is not None
    if several == (number is not None):
        raise UsageError("which run is to be canceled?", "give its number, or --all, --waiting or --pipeline")
    layout = locate()
    canceled = cancel_all(layout, pipeline, waiting=waiting) if number is None else [cancel(layout, number)]
    for run in canceled:
        done = "is canceled" if run.state == CANCELED else "is being stopped"
        say(f"run {run.number} of '{run.pipeline}' {done}; 'zenrepo runs resume {run.number}' goes on with it")
    if not canceled:
        say("there was no run to cancel")


@app.command("resume")
def resume_one(number: Id, detach: Detach = False) -> None:
    """Go on with a run that was interrupted or canceled, or that failed, as a new run at the same commit."""
    layout = locate()
    run = resume(layout, number)
    follow = follow_later(run) if detach else ""
    say(f"queued run {run.number} of '{run.pipeline}' at {commit_name(run)}, which resumes run {number}{follow}")
    if not detach:
        with journal_of(layout) as journal:
            watch(layout, journal, run.number)
            finish(journal.run(run.number))


@app.command("retry")
def retry_one(number: Id, detach: Detach = False) -> None:
    """Do the same as resume, in the word that one uses of a run that failed."""
    resume_one(number, detach)


def _newest(journal: Journal) -> int:
    newest = journal.runs(limit=1)
    if not newest:
        raise UsageError("there is no run to follow", "commit a pipeline file, or start one: 'zenrepo run <pipeline>'")
    return newest[0].number


def _show(layout: Layout, run: Run, step: str | None, *, as_json: bool) -> None:
    if as_json:
        far, failed = standing(layout, run), [failure.plain() for failure in failures(layout, run)]
        steps = {"steps": far.plain(), "progress": far.progress}
        show_json({**plain(run), **steps, "events": past(layout, run.id), "failures": failed})
        return
    show(f"run {run.number} of '{run.pipeline}' at {commit_name(run, 12)}: {run.state}")
    if run.options.captured:
        show(clean(note(layout, run)))
    for line in wishes.told(run.options):
        show(clean(line))
    show_steps(standing(layout, run), step)
    show(f"details: {layout.run(run.id)}")
    show_failures(layout, run, step)
    for event in past(layout, run.id):
        if event["event"] == NOTIFIED and event["problem"]:
            say(f"your command '{event['on']}' {event['problem']}")
    finish(run)
