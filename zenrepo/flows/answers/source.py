"""The source of step versions, and how two differ."""

from __future__ import annotations

from zenrepo.flows.lookup import commit_of, version_at
from zenrepo.git import history, tree
from zenrepo.layout import Layout


def source(layout: Layout, step_type: str, revision: str) -> tuple[str, str]:
    """Give the file that defines a step type at a commit.

    Args:
        layout: of the repository.
        step_type: the dotted path of the class.
        revision: the commit, as ``git rev-parse`` takes it.

    Returns:
        The file's path, and its text.
    """
    commit = commit_of(layout, revision)
    path = version_at(layout, step_type, commit).path
    text = tree.content(layout.root, f"{commit}:{layout.prefix}{path}")
    return path, text.decode("utf-8", "replace")


def difference(layout: Layout, step_type: str, old: str, new: str) -> str:
    """Compare the sources of two versions of a step type: their whole closures.

    Args:
        layout: of the repository.
        step_type: the dotted path of the class.
        old: a commit that holds it, as ``git rev-parse`` takes it.
        new: another.

    Returns:
        A unified diff; empty where the sources are the same.
    """
    commits = [commit_of(layout, revision) for revision in (old, new)]
    closures = [version_at(layout, step_type, commit).closure for commit in commits]
    paths = sorted({layout.prefix + path for closure in closures for _, path in closure})
    return history.difference(layout.root, commits[0], commits[1], paths)
