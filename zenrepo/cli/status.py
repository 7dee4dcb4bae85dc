"""``zenrepo status``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import clean, show, show_json, show_table
from zenrepo.errors import NotTrusted
from zenrepo.flows.answers.overview import Overview, overview
from zenrepo.flows.answers.troubles import troubles
from zenrepo.flows.intake import hooks
from zenrepo.flows.intake.trusted import look
from zenrepo.git.locate import locate
from zenrepo.layout import Layout

NO_WORKER = "no worker stays to start it (zenrepo worker --stay)"


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show the repository: what HEAD holds, what is unpinned, what waits, and whether the hooks are in place."""
    layout = locate()
    found = overview(layout)
    installed = all(hook.installed for hook in hooks.status(layout))
    if as_json:
        show_json({**_plain(layout, found, installed=installed), "trust": _trusted(layout)})
    else:
        _show(layout, found, installed=installed)


def _show(layout: Layout, found: Overview, *, installed: bool) -> None:
    place = f"on {found.branch}" if found.branch else "detached"
    head = f"{found.commit[:12]}, {place}" if found.commit else f"no commit yet, {place}"
    hint = "" if installed else " (zenrepo hooks install)"
    for name, text in (
        ("repository", str(layout.root)),
        ("HEAD", head),
        ("hooks", f"{'installed' if installed else 'not installed'}{hint}"),
        ("trust", _trust(layout)),
        *([("schedule", _schedule(found))] if found.due else []),
        ("runs", _runs(found)),
    ):
        show(f"{name:<12}{clean(text)}")
    for text in troubles(layout):
        show(f"{'look':<12}{clean(text)}")
    if found.steps:
        show()
        rows = (
            (name, v.kind, "unpinned: " + ", ".join(found.unpinned[name]) if name in found.unpinned else "")
            for name, v in sorted(found.steps.items())
        )
        show_table(("step type", "kind", ""), rows)
    if found.unreadable:
        show("\npassed over, because they cannot be read as Python:")
        for path, error in sorted(found.unreadable.items()):
            show(f"  {clean(path)}: {clean(error)}")


def _trust(layout: Layout) -> str:
    """Say in a line whether commits may run what they ask for."""
    try:
        found = look(layout)
    except NotTrusted as error:
        return error.message
    if not found.known:
        return "not trusted: nothing runs by itself (zenrepo trust)"
    missing = ", ".join(f"'{name}'" for name in found.missing)
    return f"all but {missing} (zenrepo trust)" if missing else "all that runs by itself is trusted"


def _trusted(layout: Layout) -> dict[str, object]:
    try:
        found = look(layout)
    except NotTrusted:
        return {"trusted": False, "merges": False, "untrusted": []}
    return {"trusted": found.known and not found.missing, "merges": found.merges, "untrusted": found.missing}


def _runs(found: Overview) -> str:
    listed = ", ".join(f"{run.number} {run.state} ({run.pipeline})" for run in found.waiting) or "none waits"
    return f"{listed}; no worker is at work (zenrepo worker)" if found.idle else listed


def _schedule(found: Overview) -> str:
    return ", ".join(map(str, found.due)) + ("" if found.stays else f"; {NO_WORKER}")


def _plain(layout: Layout, found: Overview, *, installed: bool) -> dict[str, object]:
    return {
        "repository": str(layout.root),
        "commit": found.commit,
        "branch": found.branch,
        "hooks": installed,
        "steps": {name: {"kind": v.kind, "code_digest": v.code_digest} for name, v in found.steps.items()},
        "unpinned": found.unpinned,
        "unreadable": found.unreadable,
        "waiting": [run.number for run in found.waiting],
        "look": list(troubles(layout)),
        "due": [due._asdict() for due in found.due],
        "staying": found.stays,
    }
