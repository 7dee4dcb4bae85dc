"""Commits, what each changed, and which of them a revision, a ref or another commit reaches."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from zenrepo.git.command import Folder, attempt, git
from zenrepo.git.links import LINK
from zenrepo.values import NamedTuple

_MARK = os.urandom(16).hex()
"""Begins each commit in the stream; nobody can have committed a name or a text that holds it."""

_FORMAT = f"{_MARK}%H%x02%T%x02%P%x02%at%x02%an%x00%s"
_LOG = (
    *("-c", "core.quotePath=false", "-c", "log.showSignature=false", "log", "--raw", "-z", "--no-renames"),
    *("--no-abbrev", "--diff-merges=first-parent", "--root", f"--format={_FORMAT}", "--no-color", "--no-notes"),
    *("--no-relative", "--encoding=UTF-8"),
)


_LAST = 253402300799
"""The last second of the year 9999; a later one is nobody's clock."""


class Commit(NamedTuple):
    """A commit and what it changed against its first parent.

    Args:
        sha: its id.
        tree: the id of its tree.
        parents: their ids.
        time: when it was written, in seconds since 1970.
        author: the author's name.
        subject: the first line of its message.
        changes: path from the top of the working tree, and its new blob; an empty blob where it was deleted, `LINK`
            before that of a symlink.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    time: int
    author: str
    subject: str
    changes: tuple[tuple[str, str], ...]


def commits(folder: Folder, tips: Iterable[str], known: Iterable[str], *, under: str = "") -> Iterator[Commit]:
    """Give the commits that are reachable from some tips and not from others, parents before children.

    Args:
        folder: a folder of the repository.
        tips: revisions to come from.
        known: commits whose history is left out; those that are gone are passed over.
        under: only changes below this folder are given, ``""`` or ending in ``/``; the commits are all given.

    Raises:
        GitError: if git cannot read the history.
    """
    revisions = "\n".join([*tips, *(f"^{sha}" for sha in known)])
    output = git(folder, *_LOG, "--ignore-missing", "--stdin", "--topo-order", "--reverse", stdin=revisions.encode())
    for record in output.split(_MARK.encode())[1:]:
        yield _commit(record, under)


def commit(folder: Folder, revision: str, *, under: str = "") -> Commit:
    """Give one commit.

    Args:
        folder: a folder of the working tree.
        revision: ``HEAD``, or a commit's id.
        under: as in `commits`.

    Raises:
        GitError: if there is none.
    """
    return _commit(git(folder, *_LOG, "-1", revision).partition(_MARK.encode())[2], under)


def _commit(record: bytes, under: str) -> Commit:
    head, text, raw = record.split(b"\0", 2)
    fields = (*head.split(b"\x02", 4), text)
    sha, tree, parents, time, author, subject = (field.decode("utf-8", "replace") for field in fields)
    return Commit(
        sha, tree, tuple(parents.split()), min(int(time or 0), _LAST), author, subject, tuple(_changes(raw, under))
    )


def _changes(raw: bytes, under: str) -> Iterator[tuple[str, str]]:
    """Read ``:<modes> <old> <new> <status>NUL<path>NUL`` pairs; a submodule counts as no file."""
    fields = raw.lstrip(b"\n\0").split(b"\0")
    for info, name in zip(fields[::2], fields[1::2], strict=False):
        path = os.fsdecode(name)
        if path.startswith(under):
            _, mode, _, blob, _ = info.decode().split(" ")
            yield path[len(under) :], blob if mode.startswith("100") else LINK + blob if mode == "120000" else ""


def lost(folder: Folder, old: Iterable[str], tips: Iterable[str]) -> set[str] | None:
    """Give the commits that some old tips reached and the tips do not.

    Returns:
        The commits; ``None`` where git has thrown some of them away, so that nobody can tell.
    """
    old = list(old)
    if not old:
        return set()
    revisions = "\n".join([*old, *(f"^{sha}" for sha in tips)]).encode()
    done = attempt(folder, "rev-list", "--stdin", stdin=revisions)
    return set(done.stdout.decode().split()) if done.returncode == 0 else None


def resolve(folder: Folder, revision: str) -> str | None:
    """Find the commit that a revision names.

    Args:
        folder: a folder of the repository.
        revision: anything that ``git rev-parse`` takes.

    Returns:
        The commit's id; ``None`` where there is none.
    """
    if revision.startswith("-") or "\0" in revision:
        return None
    done = attempt(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return done.stdout.decode().strip() or None if done.returncode == 0 else None


def difference(folder: Folder, old: str, new: str, paths: Iterable[str]) -> str:
    """Give a unified diff of some files between two commits."""
    literal = (f":(top,literal){path}" for path in paths)
    return git(folder, "diff", "--no-color", "--no-ext-diff", "--no-relative", old, new, "--", *literal).decode(
        "utf-8", "replace"
    )


def nothing(folder: Folder) -> str:
    """Give the id of the empty tree, which stands for what was before a first commit."""
    return git(folder, "hash-object", "-t", "tree", "--stdin").decode().strip()


def message(folder: Folder, commit: str) -> str:
    """Give the whole message of a commit."""
    return git(folder, "log", "-1", "--no-show-signature", "--format=%B", commit).decode("utf-8", "replace")


def tag_message(folder: Folder, tag: str) -> str:
    """Give the message of an annotated tag by its object's id; nothing for the id of a commit."""
    done = attempt(folder, "cat-file", "tag", tag)
    return done.stdout.partition(b"\n\n")[2].decode("utf-8", "replace") if done.returncode == 0 else ""


def changed_paths(folder: Folder, old: str, new: str, *, under: str = "") -> list[str]:
    """Name the files that differ between two commits.

    Args:
        folder: a folder of the repository.
        old: a commit; empty for nothing at all.
        new: another.
        under: only files below this folder, ``""`` or ending in ``/``.

    Returns:
        Paths from that folder.
    """
    output = git(folder, *_names(old, new), *(["--", f":(top,literal){under}"] if under else []))
    return _below(output, under)


def matching(folder: Folder, globs: Iterable[str], old: str, new: str, *, under: str = "") -> list[str]:
    """Name the files that differ between two commits and that globs match.

    Args:
        folder: the folder that the globs start from.
        globs: as git's own with ``glob`` magic: ``*`` stops at a slash, ``**`` does not, a folder stands for all in it;
            ``!`` in front leaves out what the rest matches.
        old: as in `changed_paths`.
        new: likewise.
        under: the folder, from the top of the working tree, ``""`` or ending in ``/``.

    Returns:
        Paths from the folder.
    """
    globs = list(globs)
    specs = [f":(exclude,glob){glob[1:]}" if glob.startswith("!") else f":(glob){glob}" for glob in globs]
    everything = ["."] if all(glob.startswith("!") for glob in globs) else []
    output = git(folder, "--no-literal-pathspecs", *_names(old, new), "--", *everything, *specs)
    return _below(output, under)


def before_merge(folder: Folder, head: str) -> str:
    """Give the commit that HEAD pointed to before the merge or pull that brought it where it is; empty for none."""
    old = resolve(folder, "ORIG_HEAD")
    if old is None or old == head:
        return ""
    return old if attempt(folder, "merge-base", "--is-ancestor", old, head).returncode == 0 else ""


def _names(old: str, new: str) -> list[str]:
    """Give git's arguments for the names of what differs; ``show`` is the one that takes a first commit."""
    form = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-color", "--no-relative")
    if old:
        return ["diff", *form, old, new]
    return ["-c", "log.showRoot=true", "show", *form, "--format=", "--diff-merges=first-parent", new]


def _below(output: bytes, under: str) -> list[str]:
    paths = (os.fsdecode(path) for path in output.split(b"\0") if path)
    return [path[len(under) :] for path in paths if path.startswith(under)]


def branch(folder: Folder) -> str:
    """Name the branch that HEAD is on; an empty string where it is detached."""
    done = attempt(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    return os.fsdecode(done.stdout).strip()


def made_here(folder: Folder) -> bool:
    """Say whether ``git commit`` made HEAD's commit in this working tree, as far as its reflog tells."""
    done = attempt(folder, "log", "--walk-reflogs", "--max-count=1", "--format=%gs", "HEAD", "--")
    return done.stdout.startswith((b"commit:", b"commit (initial):", b"commit (amend):"))


def on_local_branch(folder: Folder, commit: str) -> bool:
    """Say whether a branch of this clone reaches a commit."""
    done = attempt(folder, "for-each-ref", "--count=1", f"--contains={commit}", "refs/heads")
    return done.returncode == 0 and bool(done.stdout)


def merge_base(folder: Folder, one: str, other: str) -> str:
    """Give the newest commit that two histories share; an empty string where they share none."""
    return attempt(folder, "merge-base", one, other).stdout.decode().partition("\n")[0].strip()


def branches(folder: Folder) -> dict[str, str]:
    """Give the commit of each branch of this clone, by its name."""
    listed = git(folder, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")
    pairs = (line.split(" ", 1) for line in os.fsdecode(listed).splitlines())
    return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}


def tree_of(folder: Folder, commit: str) -> str:
    """Give the id of a commit's tree."""
    return git(folder, "rev-parse", "--verify", f"{commit}^{{tree}}").decode().strip()


def apart(folder: Folder, one: str, other: str) -> tuple[set[str], set[str]] | None:
    """Give the commits that only one of two histories has, and those that only the other has.

    Returns:
        ``None`` where git has thrown one of the two away.
    """
    done = attempt(folder, "rev-list", "--left-right", f"{one}...{other}")
    if done.returncode:
        return None
    lines = done.stdout.decode().split()
    return {line[1:] for line in lines if line[0] == "<"}, {line[1:] for line in lines if line[0] == ">"}


def ancestors(folder: Folder, revision: str) -> set[str]:
    """Give every commit that is reachable from a revision, itself included."""
    return set(git(folder, "rev-list", revision).decode().split())


def subjects(folder: Folder, shas: Iterable[str]) -> dict[str, str]:
    """Give the first line of the message of some commits; those that are not there are left out."""
    wanted = "\n".join(shas).encode()
    if not wanted:
        return {}
    listed = git(folder, "log", "--no-walk=unsorted", "--ignore-missing", "--stdin", "--format=%H %s", stdin=wanted)
    return dict(line.split(" ", 1) for line in listed.decode("utf-8", "replace").split("\n")[:-1])
