"""Find the repository that a folder belongs to, and where its refs point: a look-up asks git once for both."""

from __future__ import annotations

import os

from zenrepo.errors import NotARepository
from zenrepo.git.command import Folder, attempt, clean_environment
from zenrepo.git.refs import QUESTION, Refs, read_answer
from zenrepo.layout import ZENML, Layout, as_path
from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # see `zenrepo.layout`
    from pathlib import Path


class Place(NamedTuple):
    """What git says of a folder.

    Args:
        top: the top of its working tree; empty in a bare repository.
        common: the git common directory.
        refs: where the refs point, if git told that at once; `zenrepo.git.refs.look` tells it in any case.
    """

    top: str
    common: str
    refs: Refs | None = None


def locate(start: Folder | None = None) -> Layout:
    """Find the repository around a folder.

    Args:
        start: a folder inside it; the current folder by default.

    Returns:
        Its layout: the nearest folder upwards with ``.zenml/``. In a bare repository, whose HEAD holds ``.zenml/`` or
        where ``zenrepo init`` was run, the git folder stands for the working tree that is not there; see
        `has_worktree`.

    Raises:
        NotARepository: outside git, or where ``zenrepo init`` was not run.
    """
    return locate_with_refs(start)[0]


def locate_with_refs(start: Folder | None = None) -> tuple[Layout, Refs | None]:
    """Find the repository around a folder, as `locate` does, and where its refs point, as `Place` does."""
    start = os.path.realpath(start or ".")
    place = place_of(start)
    if not place.top:
        return _bare(place.common), place.refs
    folder = start
    while not os.path.isdir(os.path.join(folder, ZENML)):
        if folder in (place.top, os.path.dirname(folder)):
            raise NotARepository(f"'{start}' has no {ZENML} folder, here or above", "run 'zenrepo init' in it")
        folder = os.path.dirname(folder)
    return layout_at(folder, place.top, place.common), place.refs


def locate_git(start: Folder | None, prefix: str) -> Layout:
    """Find the repository around a folder for the sake of its objects, whatever its working tree holds.

    Args:
        start: a folder inside it; the current folder by default.
        prefix: the project's folder, ``""`` or ending in ``/``.

    Raises:
        NotARepository: outside git.
    """
    place = place_of(os.path.realpath(start or "."))
    folder = os.path.join(place.top, prefix).rstrip("/") if place.top else place.common
    return Layout(folder, place.common, prefix)


def has_worktree(layout: Layout) -> bool:
    """Say whether a repository has a working tree: a bare one has none."""
    return layout.folder != layout.git_folder


def has_linked_worktrees(layout: Layout) -> bool:
    """Say whether other working trees are linked to a repository, or were."""
    return os.path.isdir(os.path.join(layout.git_folder, "worktrees"))


def worktree(start: Folder) -> tuple[Path, Path]:
    """Find the top of the working tree around a folder, and the git common directory.

    Raises:
        NotARepository: outside git, in a bare repository, or where git does not trust the folder's owner.
    """
    place = place_of(start)
    if not place.top:
        raise _no_worktree(place.common)
    return as_path(place.top), as_path(place.common)


def layout_at(root: Folder, top: Folder, common: Folder) -> Layout:
    """Describe a repository whose ``.zenml/`` stands, or will stand, in ``root``."""
    below = os.path.relpath(root, top)
    return Layout(os.fspath(root), os.fspath(common), "" if below == "." else below + "/")


def _bare(common: str) -> Layout:
    layout = Layout(common, common)
    held = attempt(common, "rev-parse", "--verify", "--quiet", f"HEAD:{ZENML}").returncode == 0
    if not held and not os.path.isdir(layout.own()):
        raise NotARepository(
            f"HEAD of the bare git repository '{common}' holds no {ZENML} folder",
            "run 'zenrepo init' in it, to let pushes run pipelines; or push a branch that holds one, and point HEAD to"
            " it: 'git symbolic-ref HEAD refs/heads/<branch>'",
        )
    return layout


def _no_worktree(common: str) -> NotARepository:
    return NotARepository(f"'{common}' is a bare git repository", "run this in a clone with a working tree")


def place_of(start: Folder) -> Place:
    """Ask git what a folder is in.

    Raises:
        NotARepository: outside git, or where git does not trust the folder's owner.
    """
    if not os.path.isdir(start):
        raise NotARepository(f"'{start}' is not a folder", "name a folder inside a git repository")
    output = _ask(start, *QUESTION, "--show-toplevel", "--git-common-dir", fails=True)
    if output:
        refs, top, common = _three(output)
        if "\n/" not in common:
            return Place(top, common, read_answer(refs, common))
    return _place_without_refs(start)


def _three(output: str) -> tuple[str, str, str]:
    """Take the lines about refs, the top of the working tree and the git common directory apart.

    A path may hold newlines, but an absolute one begins where a slash follows a newline.
    """
    refs, _, paths = output.partition("\n/")
    top, _, common = paths.partition("\n/")
    return refs, "/" + top, "/" + common


def _place_without_refs(start: Folder) -> Place:
    """Ask one thing after the other: before the first commit, in a bare repository, for paths that hold newlines."""
    top = _ask(start, "--show-toplevel")
    common = _ask(start, "--git-common-dir") or ""
    if top is None and _ask(start, "--is-bare-repository") != "true":
        raise NotARepository(f"'{start}' is inside a git folder", "go to the working tree")
    return Place(top or "", common)


def _ask(start: Folder, *options: str, fails: bool = False) -> str | None:
    """Ask ``git rev-parse``; ``None`` where only the working tree is missing, or where it ``fails`` and may do so."""
    environment = clean_environment() | {"LC_ALL": "C"}  # the message is read here
    done = attempt(start, "rev-parse", "--path-format=absolute", *options, environment=environment)
    if done.returncode == 0:
        return os.fsdecode(done.stdout.removesuffix(b"\n"))
    stderr = os.fsdecode(done.stderr).strip()
    if fails or "must be run in a work tree" in stderr:
        return None
    raise _refused(start, stderr)


def _refused(start: Folder, stderr: str) -> NotARepository:
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
    """Say whether a rebase is under way: the commits that it makes are not the user's last word.

    ``git am`` uses the same folder as a rebase; what is committed while it waits is the user's.
    """
    own = (git_folder(layout.folder) if has_worktree(layout) else None) or layout.git_folder
    applying = os.path.exists(os.path.join(own, "rebase-apply", "applying"))
    return any(os.path.isdir(os.path.join(own, name)) for name in ("rebase-merge", "rebase-apply")) and not applying


def git_folder(root: str) -> str | None:
    """Find the git folder of a working tree, without asking git: a hook has no time to lose.

    Returns:
        ``.git`` itself, or what the file of that name points to; ``None`` where the root is in no working tree.
    """
    folder = root
    while not os.path.exists(found := os.path.join(folder, ".git")):
        if folder == os.path.dirname(folder):
            return None
        folder = os.path.dirname(folder)
    if os.path.isdir(found):
        return found
    with open(found, encoding="utf-8", errors="surrogateescape") as file:
        return os.path.join(folder, file.read().removeprefix("gitdir: ").strip())


def branch_of(root: str) -> str | None:
    """Name the branch that HEAD is on, without asking git; an empty string where it is detached.

    Returns:
        ``None`` where git keeps its refs otherwise than in files.
    """
    try:
        with open(os.path.join(git_folder(root) or root, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read().strip()
    except OSError:
        return None
    name = text.removeprefix("ref: refs/heads/")
    if name == ".invalid":
        return None
    return "" if name == text else name
