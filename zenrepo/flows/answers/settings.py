"""Which settings are in force, and where each comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from zenrepo import config, user_config
from zenrepo.layout import CONFIG, Layout
from zenrepo.typed_yaml import Keys, Places, Typed, parse

DEFAULT = "default"


class Setting(NamedTuple):
    """One setting.

    Args:
        key: with dots, where it stands in a map: ``worker.idle``.
        value: as it is in force.
        source: the file and line that say it, or ``default``.
    """

    key: str
    value: Any
    source: str


def settings(layout: Layout | None) -> list[Setting]:
    """List the settings that are in force here.

    Args:
        layout: of the repository whose working tree is asked; ``None`` for the user's own alone.

    Returns:
        The user's own settings, and those of the repository.

    Raises:
        PipelineFileError: for a broken file, with its line and the cure.
    """
    own = user_config.path()
    found = _listed(user_config.load(), _places(own, _from_home(own)))
    if layout is not None:
        found += _listed(config.load(layout.config), _places(layout.config, CONFIG))
    return [setting for setting in found if setting.key != "version"]


def _from_home(path: Path) -> str:
    """Write a path as users do."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _places(path: Path, name: str) -> Places:
    """Say where in a file its keys stand; nowhere, where there is none."""
    text = path.read_bytes() if path.exists() else b""
    return Places(name) if user_config.says_nothing(text) else parse(text, name).places


def _listed(value: Typed, places: Places, keys: Keys = ()) -> list[Setting]:
    found: list[Setting] = []
    for name in value.__struct_fields__:
        inner, here = getattr(value, name), (*keys, name)
        if isinstance(inner, Typed):
            found += _listed(inner, places, here)
        else:
            source = f"{places.file}:{places.lines[here]}" if here in places.lines else DEFAULT
            found.append(Setting(".".join(map(str, here)), inner, source))
    return found
