"""The pipeline file: ``.zenml/pipelines/<name>.yaml``, the only truth about a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.limits import Duration, Retries, refuse_limits
from zenrepo.pipeline_files.settings import with_settings
from zenrepo.pipeline_files.trigger import Trigger, refuse_trigger
from zenrepo.recorded import CLASS, marked
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.typed_yaml import (
    Keys,
    Places,
    Typed,
    convert,
    default_map,
    dump,
    parse,
    refuse_version,
)

_NONE: Mapping[str, str] = MappingProxyType({})


class Entry(Typed, frozen=True, kw_only=True):
    """A step or a backend as a pipeline file names it.

    Args:
        type: its type, perhaps pinned: ``module.step.MyStep@<commit>``.
        args: the arguments that it is made with.
    """

    type: str
    args: dict[str, Any] = default_map()

    @property
    def step_type(self) -> str:
        """The step type without the pin."""
        return self.type.partition("@")[0]

    @property
    def pin(self) -> str:
        """The commit or release after the ``@``; empty where the step is not pinned."""
        return self.type.partition("@")[2]


class StepEntry(Entry, frozen=True, kw_only=True):
    """A step as a pipeline file names it.

    Args:
        backend: where it works; ``None`` for the local backend.
        timeout: how long it may take; ``None`` for as long as it likes.
        retries: how often it is tried again when it failed; ``None`` for never.
    """

    backend: Entry | None = None
    timeout: Duration | None = None
    retries: int | Retries | None = None


class PipelineFile(Typed, frozen=True, kw_only=True):
    """What a pipeline file says.

    Args:
        version: of the format.
        name: the pipeline's name, which is the file's stem.
        kind: the kind of pipeline, which says which steps stand in which order.
        trigger: which commits run it.
        backend: where its runs are conducted; ``None`` for the local backend.
        timeout: how long a run may take; ``None`` for as long as it likes.
        steps: by name, in the order in which they run.
    """

    version: int = rules.VERSION
    name: str
    kind: str = "training"
    trigger: Trigger = Trigger()
    backend: Entry | None = None
    timeout: Duration | None = None
    steps: dict[str, StepEntry]

    def entries(self) -> Iterator[tuple[Keys, Entry]]:
        """Give every step and every backend, with the keys that lead to it in the file."""
        if self.backend is not None:
            yield ("backend",), self.backend
        for name, entry in self.steps.items():
            yield ("steps", name), entry
            if entry.backend is not None:
                yield ("steps", name, "backend"), entry.backend


def read(text: bytes, file: str = "", root: Path | None = None) -> PipelineFile:
    """Read a pipeline file.

    Args:
        text: the file's bytes.
        file: the file as the user knows it; its stem must be the pipeline's name. Without one, the stem is
            not looked at.
        root: the repository's folder, to say which relative path an absolute one should be.

    Returns:
        What the file says.

    Raises:
        PipelineFileError: for anything wrong in it, with file, line and the cure.
    """
    return read_with_places(text, file, root)[0]


def read_with_places(
    text: bytes, file: str = "", root: Path | None = None, settings: Mapping[str, str] = _NONE
) -> tuple[PipelineFile, Places]:
    """Read a pipeline file as ``read`` does, and remember where in it everything stands.

    Args:
        text: the file's bytes.
        file: as in ``read``.
        root: as in ``read``.
        settings: what a run changes in it, by dotted key.

    Returns:
        What the file says, and the lines of its keys, for errors that are found later.

    Raises:
        PipelineFileError: as in ``read``.
    """
    document = with_settings(parse(text, file or "pipeline file"), settings)
    places = document.places
    refuse_version(document, rules.VERSION)
    pipeline = convert(document, PipelineFile)
    _refuse_names(pipeline, places, PurePosixPath(file).stem)
    refuse_trigger(pipeline.trigger, partial(places.at, "trigger"))
    refuse_limits(pipeline.timeout, None, places.at)
    for name, step in pipeline.steps.items():
        with places.at("steps", name):
            rules.refuse_step_name(name)
        refuse_limits(step.timeout, step.retries, partial(places.at, "steps", name))
    for keys, entry in pipeline.entries():
        _refuse_entry(keys, entry, places, root)
    return pipeline, places


def write(pipeline: PipelineFile) -> str:
    """Say a pipeline in the one canonical form of its file.

    Args:
        pipeline: what the file shall say.

    Returns:
        The file's text; ``read`` gives the same pipeline back.

    Raises:
        UsageError: for an argument that YAML cannot hold.
    """
    return dump(pipeline)


def canonical(trigger: Trigger) -> str:
    """Say a trigger in the one form of its section, which no spelling of the same in a file changes."""
    return dump(trigger)


def texts(value: object, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """List every string inside a value, keys of maps too, and where it stands."""
    match value:
        case str():
            yield keys, value
        case list():
            for position, item in enumerate(value):
                yield from texts(item, (*keys, position))
        case dict():
            for key, item in value.items():
                yield (*keys, key), key
                yield from texts(item, (*keys, key))


def classes_in(value: object, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """List every class that arguments name, as written, and where it stands."""
    tag = marked(value)
    if tag is not None:
        if tag[0] == CLASS:
            yield keys, tag[1]
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from classes_in(item, (*keys, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from classes_in(item, (*keys, position))


def _refuse_names(pipeline: PipelineFile, places: Places, stem: str) -> None:
    with places.at("name"):
        rules.refuse_pipeline_name(pipeline.name)
    if stem and pipeline.name != stem:
        problem = f"name '{pipeline.name}' is not the file's, which is '{stem}'"
        raise places.error(("name",), problem, f"write 'name: {stem}', or rename the file")
    with places.at("kind"):
        rules.refuse_kind(pipeline.kind)


def _refuse_entry(keys: Keys, entry: Entry, places: Places, root: Path | None) -> None:
    with places.at(*keys, "type"):
        rules.refuse_step_type(entry.type)
    for inner, text in texts(entry.args):
        with places.at(*keys, "args", *inner):
            refuse_absolute(text, root)
            refuse_outside(text)
