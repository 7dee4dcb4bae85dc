"""The pages lead somewhere, and the Python in them is Python."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

import pytest

from tests.docs.pages import DOCS, ROOT, Block, Page, pages

PYTHON = [
    pytest.param(page, block, id=f"{page.name}:{block.line}")
    for page in pages()
    for block in page.blocks
    if block.language == "python"
]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    """A relative link leads to a file of the checkout, and its fragment to a heading of it."""
    for link in page.links:
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path

        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link} leads out of the checkout"
        assert not fragment or fragment in Page(target).anchors, f"{page.name}: {link} has no such heading"


def test_every_page_is_listed() -> None:
    """From the index, every page of the documentation is one link away."""
    index = Page(DOCS / "index.md")
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in index.links}

    assert {page.path.resolve() for page in pages() if page.path.is_relative_to(DOCS)} - listed == {
        index.path.resolve()
    }


def test_the_way_through_the_house_leads_through_rooms_that_are_there() -> None:
    """What CONTRIBUTING names for those who begin to read."""
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where to begin")[2].partition("\n## ")[0]
    places = re.findall(r"`([\w/]+(?:\.py|/))`", section)

    assert len(places) > 10
    assert [place for place in places if not (ROOT / "zenrepo" / place).exists() and place != "zenrepo/"] == []


@pytest.mark.parametrize(("page", "block"), PYTHON)
def test_python_compiles_and_finds_what_it_imports(page: Page, block: Block) -> None:
    """A block of Python has the grammar of the oldest supported one, and imports what zenrepo has."""
    tree = ast.parse(block.text, page.name, feature_version=(3, 10))
    compile(tree, page.name, "exec")

    for module, name in _imports(tree):
        assert hasattr(importlib.import_module(module), name), f"{page.name}: {module} has no {name}"


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Give what is imported of zenrepo: modules and names in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "zenrepo":
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "__name__") for alias in node.names if alias.name.partition(".")[0] == "zenrepo")


def test_the_fences_of_a_page_are_closed() -> None:
    """No block swallows the rest of a page: what is left without blocks has no fence in it."""
    for page in pages():
        assert "```" not in page.prose, page.name


def test_blocks_go_on_after_a_page_that_runs() -> None:
    """A page that goes on after another names one that starts afresh and has blocks to run."""
    for page in pages():
        if page.after is not None:
            first = Page(page.after)

            assert first.runnable
            assert first.after is None
            assert page.heavy == first.heavy
