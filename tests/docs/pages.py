"""The pages of the documentation, and what their fenced blocks mean.

``sh`` is run: the blocks of a page one after the other in one shell, in an empty folder. ``sh exit=6`` must end with
that code, any other with 0. A ``text`` block right behind one is what it prints, on both streams. Decimal numbers,
times, dates and ids differ from time to time and need not be the same there; ``…`` stands for any text, a line of it
for any lines; how many spaces there are does not matter, nor does what is said now and then of how far a run is.
``python`` must compile, and what it imports of zenrepo must be there.
All else, ``console`` too, is only shown.

A comment in a page's first line says more: ``<!-- run: heavy -->`` where its blocks need TFX, and
``<!-- run: heavy, after tutorial.md -->`` where they go on in the shell that another page left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"<!-- run: (?P<cost>heavy|light)(?:, after (?P<after>\S+))? -->")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_VARIES = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\b[0-9a-f]{7,64}\b|\d+ min \d\d s|\d+\.\d+ s|\d+\.\d+")
_PASSING = re.compile(r"> \S+ +running |run \d+ waits for ")
"""How far a run is, which is said where it takes long."""
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        line: of the page, where its text begins.
        language: the first word behind the fence.
        exit_code: what a ``sh`` block must end with.
        text: what stands in it.
        output: what a ``sh`` block must print; ``None`` where that is not said.
    """

    line: int
    language: str
    exit_code: int
    text: str
    output: str | None


@dataclass(frozen=True)
class Page:
    """A page of the documentation.

    Args:
        path: of its file.
    """

    path: Path

    @property
    def name(self) -> str:
        """The path from the top of the checkout."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """What stands in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """The fenced blocks, in order."""
        return list(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        for fence in _FENCE.finditer(self.text):
            language, _, rest = fence["info"].partition(" ")
            behind = _FENCE.match(self.text, fence.end() + 1)
            output = behind["text"] if behind and behind["info"] == "text" else None
            line = self.text.count("\n", 0, fence.start("text")) + 1
            yield Block(line, language, int(rest.removeprefix("exit=") or 0), fence["text"], output)

    @property
    def runnable(self) -> list[Block]:
        """The blocks that are run."""
        return [block for block in self.blocks if block.language == "sh"]

    @property
    def heavy(self) -> bool:
        """Whether its blocks need TFX."""
        said = _RUN.match(self.text)
        return bool(said) and said["cost"] == "heavy"

    @property
    def after(self) -> Path | None:
        """The page whose shell its blocks go on in."""
        said = _RUN.match(self.text)
        return (self.path.parent / said["after"]).resolve() if said and said["after"] else None

    @property
    def links(self) -> list[str]:
        """The targets of its links."""
        return [link["target"] for link in _LINK.finditer(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """The fragments by which its headings are linked, as GitHub makes them."""
        return {_anchor(heading["title"]) for heading in _HEADING.finditer(self.prose)}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def pages() -> list[Page]:
    """List every page, the README and its neighbours first."""
    top = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    return [Page(path) for path in (*top, *sorted(DOCS.rglob("*.md")))]


def stories() -> list[list[Page]]:
    """Group the pages with blocks to run: each page that starts afresh, with those that go on after it."""
    runnable = [page for page in pages() if page.runnable]
    return [
        [page, *(other for other in runnable if other.after == page.path)] for page in runnable if page.after is None
    ]


def looks_like(output: str, printed: str) -> bool:
    """Say whether a command printed what a page says.

    Args:
        output: as it stands on the page.
        printed: as the command printed it.
    """
    pattern = "".join(_line_pattern(line) for line in output.splitlines())
    kept = [line for line in printed.splitlines() if not _PASSING.match(line)]
    return re.fullmatch(pattern, "".join(f"{_plain(line)}\n" for line in kept)) is not None


def _line_pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in _plain(line).split("…")) + r"\n"


def _plain(line: str) -> str:
    return " ".join(_VARIES.sub("#", line).split())
