"""Symlinks of a tree, followed without a file system."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping

LINK = "@"
"""Stands before the blob id of a symlink where files are listed with their blobs."""

_AT_MOST = 50_000
"""Files that are reached through symlinks; folders that hold links to each other reach more the deeper one goes."""
_MOST_NAMES = 1000
"""Names that are made up of links, where folders hold links to each other."""
_HOPS = 40
"""How many symlinks are followed before they are taken for a circle; Linux follows as many."""


def follow(path: str, target_of: Callable[[str], str | None]) -> str | None:
    """Follow the symlinks on a path of a tree, as a file system would.

    Args:
        path: with ``/``, from the top of the tree.
        target_of: gives what the symlink at a path points to; ``None`` where there is no symlink.

    Returns:
        The path without symlinks, whether something is there or not; the path itself where they go in a circle;
        ``None`` where they leave the tree.
    """
    done: list[str] = []
    todo = path.split("/")[::-1]
    hops = 0
    while todo:
        part = todo.pop()
        if part == "..":
            if not done:
                return None
            done.pop()
        elif part not in ("", "."):
            done.append(part)
            target = target_of("/".join(done))
            if target is not None:
                hops += 1
                if target.startswith("/"):
                    return None
                if hops > _HOPS:
                    return path
                done.pop()
                todo += target.split("/")[::-1]
    return "/".join(done)


def reached(files: Iterable[str], targets: Mapping[str, str]) -> dict[str, str]:
    """Give the files that a tree has under other names, too, because symlinks lead to them.

    A link that leaves the tree leads nowhere; neither does one to a folder that was entered through a link before,
    which would go on for ever.

    Args:
        files: the paths of the tree, those of the symlinks included.
        targets: what the symlinks point to, by path.

    Returns:
        The path without symlinks by the path through them.
    """
    paths = sorted(files) if targets else []
    found: dict[str, str] = {}
    todo: list[tuple[str, str, tuple[str, ...]]] = [(path, path, ()) for path in targets]
    for name, link, entered in todo:  # which grows: what is near comes first
        if len(found) + len(todo) > _AT_MOST:
            break
        goal = follow(link, targets.get)
        if goal is None or goal in targets or any(_is_in(folder, goal) for folder in entered):
            continue
        at = bisect_left(paths, goal)
        if at < len(paths) and paths[at] == goal:
            found[name] = goal
        else:
            for path in _below(paths, goal):
                below = name + path[len(goal) :] if goal else f"{name}/{path}"
                if path in targets:
                    todo.append((below, path, (*entered, goal)))
                else:
                    found[below] = path
    return found


def aliases(paths: Iterable[str], targets: Mapping[str, str]) -> list[str]:
    """Give the other names that some paths of a tree have through its symlinks.

    Args:
        paths: from the top of the tree; what was there may be gone.
        targets: what the symlinks point to, by path.

    Returns:
        The names that go through no link twice; not all of them where links lead everywhere.
    """
    goals = {link: goal for link in targets if (goal := follow(link, targets.get)) is not None}
    found: dict[str, frozenset[str]] = dict.fromkeys(paths, frozenset())
    todo = list(found)
    given = len(todo)
    for path in todo if goals else ():  # which grows: a name through one link may stand below the goal of another
        for link, goal in goals.items():
            if _is_in(path, goal) and link not in found[path]:
                name = f"{link}/{path[len(goal) :].lstrip('/')}".rstrip("/")
                if name not in found and len(found) - given < _MOST_NAMES:
                    found[name] = found[path] | {link}
                    todo.append(name)
    return todo[given:]


def _is_in(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def _below(paths: list[str], folder: str) -> Iterable[str]:
    """Give those of some sorted paths that are below a folder."""
    start = folder and folder + "/"
    for at in range(bisect_left(paths, start), len(paths)):
        if not paths[at].startswith(start):
            return
        yield paths[at]
