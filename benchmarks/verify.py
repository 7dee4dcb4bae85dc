"""Holds the index against a slow, independent look: every commit is checked out and its files are read from disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from benchmarks import history
from benchmarks.measure import ENVIRONMENT, git, show
from zenrepo.git.locate import locate
from zenrepo.index.catch_up import catch_up
from zenrepo.index.store import Index
from zenrepo.sources.discover import Tree
from zenrepo.sources.model import ModuleFacts
from zenrepo.sources.modules import modules_of
from zenrepo.sources.read import read_module

COMMITS = int(os.environ.get("COMMITS", "2000"))


class Look:
    """Reads working trees, each distinct content once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, bytes] = {}
        self._facts = lru_cache(50_000)(self._read)

    def steps(self) -> dict[str, str]:
        """Give the code digest of each step type of what is checked out."""
        files = {}
        for path in self._folder.rglob("*.py"):
            source = path.read_bytes()
            name = hashlib.sha256(source).hexdigest()
            self._sources[name] = source
            files[path.relative_to(self._folder).as_posix()] = name
        tree = Tree(modules_of(files, ["."]), self._facts)
        found = {name: version.code_digest for name, version in tree.steps().items()}
        self._sources.clear()
        return found

    def _read(self, name: str) -> ModuleFacts:
        return read_module(self._sources[name])


def differences(folder: Path) -> tuple[int, int, int, int]:
    """Compare a repository's index with a look at every commit.

    Returns:
        How many commits and step types there are, how many versions both found, and how many only one did.
    """
    layout = locate(folder)
    with Index(layout.index_db) as index:
        catch_up(index, layout)
        indexed = {(row.type, row.commit, row.code_digest) for row in index.versions()}
    lines = subprocess.run(
        ["git", "rev-list", "--topo-order", "--reverse", "--parents", "HEAD"],
        cwd=folder,
        check=True,
        capture_output=True,
    ).stdout.decode()
    looked: set[tuple[str, str, str]] = set()
    held: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        linked = Path(scratch, "linked")
        git(folder, "worktree", "add", "--quiet", "--detach", str(linked))
        look = Look(linked)
        for line in lines.splitlines():
            commit, *parents = line.split()
            subprocess.run(["git", "checkout", "--quiet", commit], cwd=linked, env=ENVIRONMENT, check=True)
            held[commit] = look.steps()
            for name, digest in held[commit].items():
                if all(held[parent].get(name) != digest for parent in parents):
                    looked.add((name, commit, digest))
        git(folder, "worktree", "remove", "--force", str(linked))
    return len(held), len({name for name, _, _ in looked}), len(indexed & looked), len(indexed ^ looked)


def main() -> None:
    """Compare a long history with merges (``COMMITS`` says how long), and this project's own."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "made")
        history.make(made, COMMITS)
        rows.append(("made", *differences(made)))
        own = Path(scratch, "own")
        git(Path.cwd(), "clone", "--quiet", "--no-hardlinks", str(Path.cwd()), str(own))
        (own / ".zenml").mkdir(exist_ok=True)
        rows.append(("this project's", *differences(own)))
    show(
        "the index against a look at every commit",
        ("history", "commits", "step types", "versions in both", "in one alone"),
        rows,
    )
