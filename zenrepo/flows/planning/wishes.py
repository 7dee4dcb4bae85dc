"""What a user may ask of a run beside a pipeline and a commit: a part of it, other settings, a grid of them, a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final

from zenrepo.errors import PipelineFileError, UsageError
from zenrepo.flows.lookup import caught_up
from zenrepo.flows.planning.partial import refuse_part
from zenrepo.flows.planning.resolve import Reader
from zenrepo.flows.planning.stores import settings_at
from zenrepo.git import tree
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import read
from zenrepo.runs.options import Options
from zenrepo.typed_yaml import parse_value, piece

LARGEST: Final = 100
"""Runs that a grid may have, unless somebody says that it is meant."""

Value = tuple[str, str]
"""A setting as a piece of YAML, and as the name of a run shows it."""


def asked(
    first: str | None = None,
    last: str | None = None,
    only: str | None = None,
    settings: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Options:
    """Put the wishes for one run together.

    Args:
        first: the step to begin with.
        last: the step to end with.
        only: both at once.
        settings: pieces of YAML by their keys.
        name: of the run.

    Raises:
        UsageError: for ``only`` beside one of the others, and a name that is a number.
    """
    if only and (first or last):
        raise UsageError("the only step is the first and the last in one, and one of these is given too", "give one")
    if name and (name.isdecimal() or not name.isprintable()):
        raise UsageError(f"{name!r} cannot be the name of a run", "give it letters: numbers are what runs have anyway")
    return Options(only or first or "", only or last or "", dict(settings or {}), name or "")


def settings_of(texts: Iterable[str], option: str = "--set") -> dict[str, str]:
    """Read settings as a command line has them, ``KEY=VALUE``.

    Args:
        texts: of one option each.
        option: its name, for errors.

    Returns:
        The pieces of YAML by their keys.

    Raises:
        UsageError: for a text without a key, and a key that is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise UsageError(f"{option} takes KEY=VALUE, not '{text}'", f"as in {option} steps.trainer.args.epochs=5")
        if key in found:
            raise UsageError(f"{option} {key} is given twice", "keep one of them")
        found[key] = value
    return found


def plain_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """Write the values of settings as pieces of YAML."""
    return {key: piece(value) for key, value in settings.items()}


def grid_of(texts: Iterable[str]) -> dict[str, list[Value]]:
    """Read a grid as a command line has it: ``KEY=V,V`` or ``KEY=[V, V]``.

    Args:
        texts: of one ``--grid`` each.

    Returns:
        The values of each key.

    Raises:
        UsageError: as `settings_of` does, and for a value that is empty.
    """
    return {key: _values(key, text.strip()) for key, text in settings_of(texts, "--grid").items()}


def plain_grid(grid: Mapping[str, Sequence[Any]]) -> dict[str, list[Value]]:
    """Write the values of a grid as pieces of YAML."""
    return {key: [_shown(value) for value in values] for key, values in grid.items()}


def wishes(base: Options, grid: Mapping[str, Sequence[Value]], *, largest: int = LARGEST) -> list[Options]:
    """Give the wishes of every run of a grid: each combination of its values.

    Args:
        base: what all have in common.
        grid: the values of each key; without any, the base is the one wish.
        largest: how many runs there may be.

    Returns:
        The wishes, the last key's values the fastest; each has a name, behind that of the base.

    Raises:
        UsageError: for too many, a key without values, a value that stands twice, and a key that the base sets too.
    """
    for key, values in grid.items():
        if key in base.settings:
            raise UsageError(f"'{key}' has one value by --set and several by --grid", "keep one of them")
        twice = next(
            (shown for place, (text, shown) in enumerate(values) if text in [v[0] for v in values[:place]]), None
        )
        if not values or twice is not None:
            raise UsageError(f"--grid {key} has {'no value' if not values else f'{twice} twice'}", "mend the list")
    if not grid:
        return [base]
    count = prod(len(values) for values in grid.values())
    if count > largest:
        sizes = " x ".join(str(len(values)) for values in grid.values())
        raise UsageError(f"the grid has {count} runs ({sizes})", "if that is meant, add --yes")
    keys = _short(list(grid))
    return [_wish(base, list(grid), keys, values) for values in product(*grid.values())]


def refuse_wrong(layout: Layout, pipeline: str, commit: str, wanted: Iterable[Options]) -> None:
    """Refuse now what a run would refuse later: a broken file, settings and steps that it does not have.

    Args:
        layout: of the repository.
        pipeline: its name; the commit has its file.
        commit: the commit.
        wanted: what the runs are asked for.

    Raises:
        ZenrepoError: for a pipeline that cannot run so, with the setting and the cure.
    """
    path = f"{PIPELINES}/{pipeline}.yaml"
    text = tree.content(layout.root, f"{commit}:{layout.prefix}{path}")
    read(text, path, layout.root)
    settings_at(layout, commit)
    asked = [options for options in wanted if options.settings or options.first or options.last]
    if not asked:
        return
    with caught_up(layout) as (index, _):
        reader = Reader(layout, index, commit, path, text)
        for options in asked:
            checked = reader.checked(options.settings)
            refuse_part(checked.kinds, options.first, options.last)


def _values(key: str, text: str) -> list[Value]:
    if text.startswith("["):
        found = parse_value(text, f"--grid {key}")
        return [_shown(value) for value in found]
    values = [value.strip() for value in text.split(",")]
    if not all(values):
        raise PipelineFileError(f"--grid {key}", 0, "has an empty value", "write null for none, '' for an empty text")
    return [(value, value) for value in values]


def _shown(value: Any) -> Value:
    text = piece(value)
    return text, value if isinstance(value, str) and value.isprintable() else text


def _wish(base: Options, keys: list[str], names: list[str], values: Sequence[Value]) -> Options:
    settings = {key: text for key, (text, _) in zip(keys, values, strict=True)}
    shown = " ".join(f"{name}={shown}" for name, (_, shown) in zip(names, values, strict=True))
    return base._replace(settings={**base.settings, **settings}, name=f"{base.name} {shown}".strip())


def _short(keys: list[str]) -> list[str]:
    """Shorten keys to their last parts, or where these are the same, to step and argument."""
    last = [key.rpartition(".")[2] for key in keys]
    if len(set(last)) == len(last):
        return last
    return [key.removeprefix("steps.").replace(".args.", ".", 1) for key in keys]
