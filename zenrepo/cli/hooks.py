"""``zenrepo hooks``."""

from __future__ import annotations

from typing import Annotated

import typer

from zenrepo.cli.output import say, show, show_json, show_table
from zenrepo.errors import ZenrepoError
from zenrepo.flows.intake import hooks
from zenrepo.git.hooks import HookStatus
from zenrepo.git.hooks import uninstall as uninstall_hooks
from zenrepo.git.locate import locate

app = typer.Typer(help="The git hooks that snapshot commits and trigger runs.", no_args_is_help=True)


@app.command()
def install() -> None:
    """Install the hooks beside whatever hooks there are, and take out those that nothing asks for any more."""
    for note in hooks.install(locate()):
        say(note)
    show("the hooks are installed")


@app.command()
def uninstall() -> None:
    """Take the hooks out and put back what was there before."""
    for note in uninstall_hooks(locate()):
        say(note)
    show("the hooks are gone")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say for each hook how it stands, and prove that they fire; exit code 1 if they do not."""
    layout = locate()
    found = hooks.status(layout)
    fires = hooks.prove(layout)
    if as_json:
        show_json({"fires": fires, "hooks": [_plain(hook) for hook in found]})
    else:
        show_table(("hook", "installed", "notes"), ((h.name, "yes" if h.installed else "no", _notes(h)) for h in found))
        show(f"fires: {'yes' if fires else 'no'}")
    if not fires:
        raise ZenrepoError("the hooks do not fire", "zenrepo hooks install")


def _notes(hook: HookStatus) -> str:
    notes = []
    if hook.before:
        notes.append(f"after {hook.before.name}")
    if hook.behind:
        notes.append(f"called by {hook.behind.name}")
    if hook.installed and not hook.executable:
        notes.append("not executable")
    if hook.installed and not hook.interpreter_present:
        notes.append(f"{hook.interpreter} is gone")
    if hook.shadowed:
        notes.append("git looks elsewhere: core.hooksPath")
    return "; ".join(notes)


def _plain(hook: HookStatus) -> dict[str, object]:
    return {
        "name": hook.name,
        "path": str(hook.path),
        "installed": hook.installed,
        "executable": hook.executable,
        "interpreter": str(hook.interpreter) if hook.interpreter else None,
        "interpreter_present": hook.interpreter_present,
        "before": str(hook.before) if hook.before else None,
        "behind": str(hook.behind) if hook.behind else None,
        "shadowed": hook.shadowed,
    }
