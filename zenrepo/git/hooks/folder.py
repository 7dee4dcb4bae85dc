"""Where git looks for a repository's hooks, and whose folder that is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zenrepo.errors import NotARepository
from zenrepo.git.command import attempt, git
from zenrepo.git.locate import place_of, worktree
from zenrepo.layout import Layout

_EXCLUDE_TITLE = "# zenrepo's hooks in this clone"


@dataclass(frozen=True)
class Tree:
    """A working tree that holds a hooks folder, so that git may track what is in it.

    Args:
        top: its top folder.
        common: the git common directory that it belongs to.
    """

    top: Path
    common: Path


@dataclass(frozen=True)
class HookFolder:
    """The folder that git takes hooks from.

    Args:
        path: the folder.
        top: the top of the repository's working tree, where git runs hooks; in a bare one, the git folder.
        common: the repository's git common directory.
        tree: the working tree that the folder lies in, be it this repository's or another's.
    """

    path: Path
    top: Path
    common: Path
    tree: Tree | None

    @property
    def default(self) -> Path:
        """The clone's own folder, which counts where ``core.hooksPath`` does not say otherwise."""
        return self.common / "hooks"

    @property
    def off(self) -> bool:
        """Whether the user turned hooks off with ``core.hooksPath=/dev/null``."""
        return str(self.path) == os.devnull

    @property
    def moved(self) -> bool:
        """Whether ``core.hooksPath`` leads away from the clone's own folder."""
        return self.path.resolve() != self.default.resolve()

    @property
    def foreign(self) -> bool:
        """Whether the folder belongs neither to the clone nor to one of its working trees."""
        return self.moved and (self.tree is None or self.tree.common != self.common)


def find_hook_folder(layout: Layout) -> HookFolder:
    """Ask git where a repository's hooks are.

    husky 9 points git at generated files in ``_``, each of which runs the file of the same name one folder
    up: that is where a hook survives husky's next installation.

    Raises:
        NotARepository: if the repository is not there any more.
        GitError: if git cannot say.
    """
    place = place_of(layout.folder)
    top, common = Path(place.top or place.common), Path(place.common)
    answer = git(top, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    path = Path(os.fsdecode(answer.removesuffix(b"\n")))
    if path.name == "_" and (path / "h").is_file():
        path = path.parent
    return HookFolder(path, top, common, _tree_around(path, common))


def ignored(tree: Tree, paths: Iterable[Path]) -> set[Path]:
    """Say which paths of a working tree git ignores; a tracked file never is."""
    names = {os.fsencode(os.path.relpath(path, tree.top)): path for path in paths}
    done = attempt(tree.top, "check-ignore", "-z", "--stdin", stdin=b"\0".join(names))
    return {names[name] for name in done.stdout.split(b"\0") if name in names}


def exclude(tree: Tree, paths: Iterable[Path]) -> None:
    """Keep new files out of ``git status`` and ``git add``, in this clone alone."""
    paths = set(paths)
    wanted = [_pattern(tree, path) for path in sorted(paths - ignored(tree, paths))]
    if not wanted:
        return
    lines = _exclude_lines(tree)
    if _EXCLUDE_TITLE not in lines:
        lines.append(_EXCLUDE_TITLE)
    _write_exclude(tree, lines + [line for line in wanted if line not in lines])


def forget_excluded(tree: Tree, paths: Iterable[Path]) -> None:
    """Take back what ``exclude`` wrote about these paths."""
    lines = _exclude_lines(tree)
    if _EXCLUDE_TITLE in lines:
        gone = {_EXCLUDE_TITLE, *(_pattern(tree, path) for path in paths)}
        _write_exclude(tree, [line for line in lines if line not in gone])


def _tree_around(path: Path, common: Path) -> Tree | None:
    """Find the working tree that a hooks folder lies in, whether it exists already or not."""
    if path.resolve().is_relative_to(common.resolve()):
        return None
    existing = next(folder for folder in (path, *path.parents) if folder.is_dir())
    try:
        tree = Tree(*worktree(existing))
    except NotARepository:
        return None
    return tree if path.resolve().is_relative_to(tree.top.resolve()) else None


def _pattern(tree: Tree, path: Path) -> str:
    relative = Path(os.path.relpath(path.parent.resolve() / path.name, tree.top.resolve())).as_posix()
    return "/" + "".join("\\" + sign if sign in "\\*?[" else sign for sign in relative)


def _exclude_lines(tree: Tree) -> list[str]:
    file = _exclude_file(tree)
    return file.read_text("utf-8", "surrogateescape").split("\n")[:-1] if file.exists() else []


def _write_exclude(tree: Tree, lines: list[str]) -> None:
    file = _exclude_file(tree)
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8", "surrogateescape")


def _exclude_file(tree: Tree) -> Path:
    return tree.common / "info" / "exclude"
