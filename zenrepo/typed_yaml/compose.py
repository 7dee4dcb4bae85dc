"""Read YAML text into plain data, and remember where each key stood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from zenrepo.errors import PipelineFileError, UsageError
from zenrepo.recorded import TAGS, marked, refuse_marked
from zenrepo.typed_yaml.places import Keys, Places
from zenrepo.typed_yaml.scalars import value as plain_value

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: it is 13 times faster."""

DEEPEST: Final = 32
UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML forbids, and what its parsers disagree on: a byte-order mark, line breaks other than ``\\n``."""

ESCAPE: Final = "remove it, or write it escaped in double quotes"
QUOTE: Final = "quote a text that holds ': ' or ' #', or that starts with one of * & ! @ % ` | > [ {"
STRAY_TAB: Final = ("a tab stands in a text without quotes", "quote the text")
INDENTED_BY_TAB: Final = re.compile(r" *\t")


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data.

    Args:
        data: its one map.
        places: where its keys stand.
    """

    data: dict[str, Any]
    places: Places


def parse(text: bytes, file: str, loader: type[Any] = LOADER) -> Document:
    """Read the one map of a YAML file.

    Args:
        text: the file's bytes.
        file: the file as the user knows it, for errors.
        loader: PyYAML's class that reads; what it reads must not depend on which.

    Returns:
        The map as plain data, and the lines of its keys.

    Raises:
        PipelineFileError: for what is not UTF-8 or not YAML, an empty file, a second document, anchors,
            aliases, tags that are not known, keys that are doubled or no strings, numbers that are not finite.
    """
    source = _decode(text, file)
    composer = _Composer(source, file, loader)
    try:
        return composer.document()
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, source, file) from error
    finally:
        composer.loader.dispose()


def parse_value(text: str, origin: str) -> Any:
    """Read one value, as it would stand in a file behind its key.

    Args:
        text: a piece of YAML; nothing is an empty value, ``None``.
        origin: who gave it, for errors.

    Returns:
        The value as plain data.

    Raises:
        PipelineFileError: as `parse` does.
    """
    try:
        source = _decode(text.encode("utf-8", "surrogateescape"), origin)
        composer = _Composer(source, origin, LOADER)
        try:
            return composer.value()
        except yaml.MarkedYAMLError as error:
            raise _not_yaml(error, source, origin) from error
        finally:
            composer.loader.dispose()
    except PipelineFileError as error:
        raise PipelineFileError(origin, 0, error.problem, error.hint) from error


def _decode(text: bytes, file: str) -> str:
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise PipelineFileError(file, line, "is not UTF-8", "save it as UTF-8") from error
    bad = UNPRINTABLE.search(source)
    if bad:
        line = source.count("\n", 0, bad.start()) + 1
        raise PipelineFileError(file, line, f"holds the control character {bad[0]!r}", ESCAPE)
    return source


def _not_yaml(error: yaml.MarkedYAMLError, source: str, file: str) -> PipelineFileError:
    lines = source.rstrip().split("\n")
    marks = [mark.line for mark in (error.problem_mark, error.context_mark) if mark]
    if error.context == "while scanning a simple key":
        marks.reverse()  # that its colon is missing is seen on the next line only
    line = next((mark for mark in marks if mark < len(lines)), 0)  # and what is not closed, at the end only
    if INDENTED_BY_TAB.match(lines[line]):
        return PipelineFileError(file, line + 1, "is indented by a tab", "YAML takes spaces only")
    if "'\\t'" in str(error.problem):
        return PipelineFileError(file, line + 1, *STRAY_TAB)
    problem = " ".join(str(part) for part in (error.problem, error.context) if part)
    return PipelineFileError(file, line + 1, f"is not YAML: {problem}", QUOTE)


class _Composer:
    """Builds data from the parser's events."""

    def __init__(self, source: str, file: str, loader: type[Any]) -> None:
        self.file = file
        self.loader = loader(source)
        self.lines: dict[Keys, int] = {}

    def document(self) -> Document:
        """Read the whole file."""
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise self._refusal(1, "is empty", "it needs at least 'version: 1'")
        event = self._next()
        line = self._line(event)
        self.lines[()] = line
        data = self._value(event, ())
        if data is None:
            raise self._refusal(line, "is empty", "it needs at least 'version: 1'")
        if not isinstance(data, dict):
            raise self._refusal(line, "must hold a map", "write 'key: value' lines")
        self._end()
        return Document(data, Places(self.file, self.lines))

    def value(self) -> Any:
        """Read a text that is one value of any kind."""
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        data = self._value(self._next(), ())
        self._end()
        return data

    def _end(self) -> None:
        """Refuse what follows the one document."""
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refusal(self._line(after), "holds a second document", "keep one, without another '---'")

    def _value(self, event: yaml.Event, keys: Keys) -> Any:
        self._refuse_tricks(event)
        tag = getattr(event, "tag", None)
        if tag is not None:
            return self._tagged(tag, event)
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event)
            case yaml.MappingStartEvent():
                self._refuse_depth(event, keys)
                return self._map(keys)
        self._refuse_depth(event, keys)
        return self._list(keys)

    def _tagged(self, tag: str, event: yaml.Event) -> dict[str, Any]:
        """Read a typed value as the map that stands for it."""
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refusal(self._line(event), f"tag '{tag}' stands before a map or list", "give it a text")
        try:
            refuse_marked(tag, event.value)
        except UsageError as error:
            raise self._refusal(self._line(event), error.message, error.hint) from error
        return {tag: event.value}

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        if event.style:
            return event.value
        if "\t" in event.value:
            raise self._refusal(self._line(event), *STRAY_TAB)
        try:
            return plain_value(event.value)
        except UsageError as error:
            raise self._refusal(self._line(event), error.message, error.hint) from error

    def _list(self, keys: Keys) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*keys, len(items))
            self.lines[here] = self._line(event)
            items.append(self._value(event, here))
        return items

    def _map(self, keys: Keys) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            here = (*keys, key)
            if key in entries:
                first = self.lines[here]
                raise self._refusal(
                    self._line(event),
                    f"key '{key}' is given twice, first on line {first}",
                    "keep one of them",
                )
            self.lines[here] = self._line(event)
            entries[key] = self._value(self._next(), here)
        if marked(entries):
            raise self._refusal(self.lines[here], f"key '{key}' is a tag", f"write '{key} {entries[key]}' without ':'")
        return entries

    def _key(self, event: yaml.Event) -> str:
        self._refuse_tricks(event)
        if getattr(event, "tag", None) is not None or not isinstance(event, yaml.ScalarEvent):
            raise self._refusal(
                self._line(event), "a map, a list or a typed value stands as a key", "a key is a string"
            )
        key = self._scalar(event)
        if not isinstance(key, str):
            raise self._refusal(self._line(event), f"key {event.value} is not a string", f"quote it: '{event.value}'")
        return key

    def _refuse_tricks(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            hint = "write the value out; quote a text that starts with '*'"
            raise self._refusal(self._line(event), f"alias '*{event.anchor}' is not taken", hint)
        if event.anchor is not None:
            hint = "write the value out where it is used; quote a text that starts with '&'"
            raise self._refusal(self._line(event), f"anchor '&{event.anchor}' is not taken", hint)
        if event.tag is not None and event.tag not in TAGS:
            hint = f"take one of {', '.join(TAGS)}, or quote a text that starts with '!'"
            raise self._refusal(self._line(event), f"tag '{event.tag}' is not taken", hint)

    def _refuse_depth(self, event: yaml.Event, keys: Keys) -> None:
        if len(keys) >= DEEPEST:
            raise self._refusal(self._line(event), f"nests deeper than {DEEPEST} levels", "make it flatter")

    def _next(self) -> yaml.Event:
        event: yaml.Event = self.loader.get_event()
        return event

    def _line(self, event: yaml.Event) -> int:
        return event.start_mark.line + 1 if event.start_mark else 1

    def _refusal(self, line: int, problem: str, hint: str) -> PipelineFileError:
        return PipelineFileError(self.file, line, problem, hint)
