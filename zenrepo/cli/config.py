"""``zenrepo config``."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Annotated

import typer

from zenrepo import user_config
from zenrepo.cli.output import say, show_json, show_table
from zenrepo.errors import NotARepository, UsageError
from zenrepo.flows.answers.settings import settings
from zenrepo.git.locate import locate
from zenrepo.layout import Layout


def config(
    edit: Annotated[bool, typer.Option("--edit", help="Open your own settings in your editor.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the settings that are in force, yours and the repository's, and where each comes from."""
    if edit:
        _edit()
        return
    found = settings(_here())
    if as_json:
        show_json({setting.key: {"value": setting.value, "from": setting.source} for setting in found})
        return
    show_table(("setting", "value", "from"), ((s.key, _written(s.value), s.source) for s in found))
    say(f"your own settings: {user_config.path()}")


def _here() -> Layout | None:
    try:
        return locate()
    except NotARepository:
        return None


def _written(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "-" if value is None else str(value) or '""'


def _edit() -> None:
    """Open the user's own settings in the user's editor, and check what came of it."""
    file = user_config.write_default()
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), str(file)], check=True)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise UsageError(f"'{editor}' cannot edit '{file}': {error}", "name your editor in $EDITOR") from error
    user_config.load()
    say(f"'{file}' is as it should be")
