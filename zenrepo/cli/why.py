"""``zenrepo why``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from zenrepo.cli import wishes
from zenrepo.cli.output import clean, commit_name, lines, show, show_json, show_table
from zenrepo.cli.wishes import run_number
from zenrepo.flows.answers import why as flow
from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.past_runs import USED_AGAIN
from zenrepo.flows.answers.why import Why
from zenrepo.flows.planning.captured import note
from zenrepo.git.locate import locate
from zenrepo.layout import Layout


def why(
    run: Annotated[
        int, typer.Argument(parser=run_number, metavar="RUN", help="The number or name of a run.", show_default=False)
    ],
    step: Annotated[
        str | None, typer.Argument(metavar="[STEP]", help="Only this step of it.", show_default=False)
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the changed lines of code and data.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say of each step of a run whether it ran again, and because of which change."""
    layout = locate()
    found, steps = flow.why(layout, run, step)
    if as_json:
        plain = [_plain(layout, each, diff=diff) for each in steps]
        asked = wishes.plain(found.options)
        show_json({"run": run, "pipeline": found.pipeline, "commit": found.commit, **asked, "steps": plain})
        return
    show(f"run {run} of '{clean(found.pipeline)}' at {commit_name(found, 12)}: {found.state}")
    if found.options.captured:
        show(clean(note(layout, found)))
    for line in wishes.told(found.options):
        show(clean(line))
    show_table(("step", "state", "because"), ((each.step, each.state, because(each)) for each in steps))
    if diff:
        texts = dict.fromkeys(flow.difference(layout, cause) for each in steps for cause in each.causes)
        for text in filter(None, texts):
            show()
            show(lines(text.rstrip("\n")))


def because(found: Why) -> str:
    """Say in a line why a step ran, or from where its result comes."""
    if found.state == USED_AGAIN and not found.causes:
        return f"used again from run {found.run}" if found.run else "used again from a run whose record is gone"
    since = f"; since run {found.run}" if found.run else ""
    return "; ".join(cause.text for cause in found.causes) + since


def plain(cause: Cause) -> dict[str, Any]:
    """Give a cause for a machine."""
    data: dict[str, Any] = {"kind": cause.kind, "text": cause.text, "old": cause.old, "new": cause.new}
    return {**data, "files": [file._asdict() for file in cause.files]}


def _plain(layout: Layout, found: Why, *, diff: bool) -> dict[str, Any]:
    causes = [plain(c) | ({"diff": flow.difference(layout, c)} if diff else {}) for c in found.causes]
    return {"step": found.step, "state": found.state, "run": found.run, "causes": causes}
