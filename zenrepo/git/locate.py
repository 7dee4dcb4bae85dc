"""Find the repository that a folder belongs to."""

from __future__ import annotations

import os
from pathlib import Path

from zenrepo.errors import NotARepository
from zenrepo.git.command import attempt, clean_environment
from zenrepo.layout import ZENML, Layout


def locate(start: Path | None = None) -> Layout:
    """Find the repository around a folder.

    Args:
        start: a folder inside it; the current folder by default.

    Returns:
        Its layout: the nearest folder upwards with ``.zenml/``. In a bare repository, whose HEAD holds ``.zenml/``,
        the git folder stands for the working tree that is not there; see `has_worktree`.

    Raises:
        NotARepository: outside git, or where ``zenrepo init`` was not run.
    """
    start = (start or Path.cwd()).resolve()
    top, common = _top_and_common(start)
    if top is None:
        return _bare(common)
    for folder in (start, *start.parents):
        if (folder / ZENML).is_dir():
            return layout_at(folder, top, common)
        if folder == top:
            break
    raise NotARepository(f"'{start}' has no {ZENML} folder, here or above", "run 'zenrepo init' in it")


def locate_git(start: Path | None, prefix: str) -> Layout:
    """Find the repository around a folder for the sake of its objects, whatever its working tree holds.

    Args:
        start: a folder inside it; the current folder by default.
        prefix: the project's folder, ``""`` or ending in ``/``.

    Raises:
        NotARepository: outside git.
    """
    top, common = _top_and_common((start or Path.cwd()).resolve())
    return Layout(top / prefix if top else common, common, prefix)


def has_worktree(layout: Layout) -> bool:
    """Say whether a repository has a working tree: a bare one has none."""
    return layout.root != layout.common


def refuse_bare(layout: Layout) -> None:
    """Refuse a repository without a working tree, for what needs one.

    Raises:
        NotARepository: for a bare repository.
    """
    if not has_worktree(layout):
        raise _no_worktree(layout.common)


def worktree(start: Path) -> tuple[Path, Path]:
    """Find the top of the working tree around a folder, and the git common directory.

    Raises:
        NotARepository: outside git, in a bare repository, or where git does not trust the folder's owner.
    """
    top, common = _top_and_common(start)
    if top is None:
        raise _no_worktree(common)
    return top, common


def layout_at(root: Path, top: Path, common: Path) -> Layout:
    """Describe a repository whose ``.zenml/`` stands, or will stand, in ``root``."""
    prefix = root.relative_to(top).as_posix()
    return Layout(root, common, "" if prefix == "." else prefix + "/")


def _bare(common: Path) -> Layout:
    if attempt(common, "rev-parse", "--verify", "--quiet", f"HEAD:{ZENML}").returncode:
        raise NotARepository(
            f"HEAD of the bare git repository '{common}' holds no {ZENML} folder",
            "push a branch that holds it, and point HEAD to it: 'git symbolic-ref HEAD refs/heads/<branch>'",
        )
    return Layout(common, common)


def _no_worktree(common: Path) -> NotARepository:
    return NotARepository(f"'{common}' is a bare git repository", "run this in a clone with a working tree")


def _top_and_common(start: Path) -> tuple[Path | None, Path]:
    """Ask git for the top of the working tree, ``None`` in a bare repository, and for the git common directory."""
    if not start.is_dir():
        raise NotARepository(f"'{start}' is not a folder", "name a folder inside a git repository")
    output = _ask(start, "--show-toplevel", "--git-common-dir")
    if output is None:
        output = _ask(start, "--is-bare-repository", "--git-common-dir") or ""
        is_bare, _, common = output.partition("\n")
        if is_bare != "true":
            raise NotARepository(f"'{start}' is inside a git folder", "go to the working tree")
        return None, Path(common)
    # A path may hold newlines, but two absolute ones meet at a newline that a slash follows.
    top, _, common = output.partition("\n/")
    if "\n/" in common:
        top, common = _ask(start, "--show-toplevel") or "", (_ask(start, "--git-common-dir") or "")[1:]
    return Path(top), Path("/" + common)


def _ask(start: Path, *options: str) -> str | None:
    """Ask ``git rev-parse``; ``None`` where only the working tree is missing."""
    environment = clean_environment() | {"LC_ALL": "C"}  # the message is read here
    done = attempt(start, "rev-parse", "--path-format=absolute", *options, environment=environment)
    if done.returncode == 0:
        return os.fsdecode(done.stdout.removesuffix(b"\n"))
    stderr = os.fsdecode(done.stderr).strip()
    if "must be run in a work tree" in stderr:
        return None
    raise _refused(start, stderr)


def _refused(start: Path, stderr: str) -> NotARepository:
    if "dubious ownership" in stderr:
        cure = stderr.partition("git config ")
        return NotARepository(
            f"git does not trust the owner of '{start}'", "".join(cure[1:]) or "see 'git help config', safe.directory"
        )
    if "not a git repository" in stderr:
        return NotARepository(f"'{start}' is not in a git repository", "run 'git init' first, then 'zenrepo init'")
    return NotARepository(
        f"git refuses '{start}': {stderr.removeprefix('fatal: ')}", "see what 'git status' says there"
    )


def is_rebasing(layout: Layout) -> bool:
    """Say whether a rebase is under way: the commits that it makes are not the user's last word."""
    own = git_folder(layout.root) if has_worktree(layout) else None
    own = own or layout.common
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
