"""Holds the index against slow, independent looks.

Every commit is checked out and its files are read from disk; of some, Python itself imports the modules.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from benchmarks import history, restless
from benchmarks.importing import import_each
from benchmarks.measure import ENVIRONMENT, git, show
from zenrepo import config
from zenrepo.git.locate import locate
from zenrepo.index.catch_up import catch_up
from zenrepo.index.store import Index
from zenrepo.layout import CONFIG
from zenrepo.sources.discover import Tree
from zenrepo.sources.model import ModuleFacts
from zenrepo.sources.modules import modules_of
from zenrepo.sources.read import read_module

COMMITS = int(os.environ.get("COMMITS", "2000"))
_IMPORTED = 100
"""Commits of a history whose modules are imported."""


class Look:
    """Reads working trees, each distinct content once.

    Args:
        folder: the working tree.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, bytes] = {}
        self._facts = lru_cache(50_000)(self._read)

    def tree(self) -> Tree:
        """Read what is checked out; symlinks are followed by the file system."""
        files = {}
        for path in _python_files(self._folder, ()):
            source = path.read_bytes()
            name = hashlib.sha256(source).hexdigest()
            self._sources[name] = source
            files[path.relative_to(self._folder).as_posix()] = name
        return Tree(modules_of(files, self.source_roots()), self._facts)

    def source_roots(self) -> list[str]:
        """Read the settings of what is checked out."""
        file = self._folder / CONFIG
        return list(config.source_roots(file.read_bytes())) if file.is_file() else ["."]

    def wrong(self, tree: Tree) -> int:
        """Count the modules of which Python's import finds other step types, or imports more, than reading does."""
        steps: dict[str, set[str]] = {}
        for version in tree.steps().values():
            steps.setdefault(version.module, set()).add(version.type)
        folders = [self._folder / root for root in sorted(self.source_roots(), key=len, reverse=True)]
        found = import_each(tree.modules, folders)
        return sum(
            steps.get(name, set()) != imported.types or not imported.modules <= tree.closure(name)
            for name, imported in found.items()
        )

    def _read(self, name: str) -> ModuleFacts:
        return read_module(self._sources[name])


def _python_files(folder: Path, entered: tuple[Path, ...]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            real = entry.resolve()
            if not entry.is_symlink():
                yield from _python_files(entry, entered)
            elif not any(other.is_relative_to(real) for other in entered):
                yield from _python_files(entry, (*entered, real))
        elif entry.suffix == ".py" and entry.is_file():
            yield entry


def differences(folder: Path, imports: int = 0) -> tuple[int, int, int, int, int]:
    """Compare a repository's index with a look at every commit.

    Args:
        folder: of the repository.
        imports: commits whose modules Python imports, too.

    Returns:
        How many commits and step types there are, how many versions both found, how many only one did, and of how many
        modules an import found something else.
    """
    layout = locate(folder)
    with Index(layout.index_db) as index:
        catch_up(index, layout)
        indexed = {(row.type, row.commit, row.code_digest) for row in index.versions()}
    command = ["git", "rev-list", "--topo-order", "--reverse", "--parents", "--branches", "HEAD"]
    lines = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode().splitlines()
    looked: set[tuple[str, str, str]] = set()
    held: dict[str, dict[str, str]] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        linked = Path(scratch).resolve() / "linked"
        git(folder, "worktree", "add", "--quiet", "--detach", str(linked))
        look = Look(linked)
        for number, line in enumerate(lines):
            commit, *parents = line.split()
            subprocess.run(["git", "checkout", "--quiet", commit], cwd=linked, env=ENVIRONMENT, check=True)
            tree = look.tree()
            held[commit] = {name: version.code_digest for name, version in tree.steps().items()}
            wrong += look.wrong(tree) if imports and number % (len(lines) // imports or 1) == 0 else 0
            for name, digest in held[commit].items():
                if all(held[parent].get(name) != digest for parent in parents):
                    looked.add((name, commit, digest))
        git(folder, "worktree", "remove", "--force", str(linked))
    return len(held), len({name for name, _, _ in looked}), len(indexed & looked), len(indexed ^ looked), wrong


def main() -> None:
    """Compare long histories with merges (``COMMITS`` says how long), and this project's own."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "made")
        history.make(made, COMMITS)
        rows.append(("made", *differences(made, _IMPORTED)))
        moving = Path(scratch, "moving")
        restless.make(moving, min(COMMITS, 2000))
        rows.append(("made, where everything moves", *differences(moving, _IMPORTED)))
        own = Path(scratch, "own")
        git(Path.cwd(), "clone", "--quiet", "--no-hardlinks", str(Path.cwd()), str(own))
        (own / ".zenml").mkdir(exist_ok=True)
        rows.append(("this project's", *differences(own)))
    show(
        "the index against a look at every commit, and against Python's own import",
        ("history", "commits", "step types", "versions in both", "in one alone", "modules imported otherwise"),
        rows,
    )
