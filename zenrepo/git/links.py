"""Symlinks of a tree, followed without a file system."""

from __future__ import annotations

from collections.abc import Callable

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
