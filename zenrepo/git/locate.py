"""Find the repository that a folder belongs to."""

from __future__ import annotations

import os
from pathlib import Path

from zenrepo.errors import NotARepository
from zenrepo.git.command import attempt
from zenrepo.layout import ZENML, Layout


def locate(start: Path | None = None) -> Layout:
    """Find the repository around a folder.

    Args:
        start: a folder inside it; the current folder by default.

    Returns:
        Its layout: the nearest folder upwards with ``.zenml/``.

    Raises:
        NotARepository: outside git, or where ``zenrepo init`` was not run.
    """
    start = (start or Path.cwd()).resolve()
    top, common = worktree(start)
    for folder in (start, *start.parents):
        if (folder / ZENML).is_dir():
            return layout_at(folder, top, common)
        if folder == top:
            break
    raise NotARepository(f"'{start}' has no {ZENML} folder, here or above", "run 'zenrepo init' in it")


def worktree(start: Path) -> tuple[Path, Path]:
    """Find the top of the working tree around a folder, and the git common directory.

    Raises:
        NotARepository: outside git, in a bare repository, or where git does not trust the folder's owner.
    """
    if not start.is_dir():
        raise NotARepository(f"'{start}' is not a folder", "name a folder inside a git repository")
    done = attempt(start, "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir")
    if done.returncode:
        raise _refused(start, done.stderr.decode("utf-8", "replace"))
    # A path may hold newlines, but two absolute ones meet at a newline that a slash follows.
    top, _, common = os.fsdecode(done.stdout.removesuffix(b"\n")).partition("\n/")
    return Path(top), Path("/" + common)


def layout_at(root: Path, top: Path, common: Path) -> Layout:
    """Describe a repository whose ``.zenml/`` stands, or will stand, in ``root``."""
    prefix = root.relative_to(top).as_posix()
    return Layout(root, common, "" if prefix == "." else prefix + "/")


def _refused(start: Path, stderr: str) -> NotARepository:
    if "dubious ownership" in stderr:
        return NotARepository(
            f"git does not trust the owner of '{start}'", f"git config --global --add safe.directory '{start}'"
        )
    if "must be run in a work tree" in stderr:
        return NotARepository(f"'{start}' is a bare git repository", "run this in a clone with a working tree")
    return NotARepository(f"'{start}' is not in a git repository", "run 'git init' first, then 'zenrepo init'")


def is_rebasing(layout: Layout) -> bool:
    """Say whether a rebase is under way: the commits that it makes are not the user's last word."""
    own = git_folder(layout.root) or layout.common
    return (own / "rebase-merge").is_dir() or (own / "rebase-apply").is_dir()


def git_folder(root: Path) -> Path | None:
    """Find the git folder of a working tree, without asking git: a hook has no time to lose.

    Returns:
        ``.git`` itself, or what the file of that name points to; ``None`` where the root is no top of a working tree.
    """
    for folder in (root, *root.parents):
        found = folder / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            return folder / found.read_text(encoding="utf-8", errors="surrogateescape").removeprefix("gitdir: ").strip()
    return None
