"""The git hooks that a repository's pipelines ask for."""

from __future__ import annotations

from collections.abc import Iterator

from zenrepo.flows.intake.affected import pipelines
from zenrepo.flows.planning.listing import listing
from zenrepo.git import history, hooks, tree
from zenrepo.git.hooks import HookStatus
from zenrepo.git.locate import has_worktree, place_of
from zenrepo.index.store import Index
from zenrepo.layout import PIPELINES, Layout, projects


def install(layout: Layout) -> list[str]:
    """Put in the hooks that a repository needs, beside whatever hooks there are; done again it changes nothing.

    Those that were needed once and are no more are taken out.

    Args:
        layout: of the repository.

    Returns:
        What the user should know, a sentence each.

    Raises:
        ZenrepoError: if they cannot be written.
    """
    layout.private.mkdir(parents=True, exist_ok=True)  # the hooks of a clone know its projects by these folders
    return hooks.install(layout, events=asked(layout))


def status(layout: Layout) -> list[HookStatus]:
    """Say how each hook is that a repository needs, or has."""
    return hooks.status(layout, asked(layout))


def prove(layout: Layout) -> bool:
    """Let git fire every hook that a repository needs or has, and say whether each answered."""
    return hooks.prove(layout, asked(layout))


def asked(layout: Layout) -> set[str]:
    """Give the events that the pipelines of a clone ask for, in its working tree and on its branches.

    Those whose files are broken ask for none: the commit that mends them puts in what they need.
    """
    if not has_worktree(layout):
        return set()
    top = place_of(layout.folder).top
    return {event for project in [layout, *projects(top, layout.git_folder)] for event in _asked(project)}


def _asked(layout: Layout) -> Iterator[str]:
    for file in listing(layout).files.values():
        yield from file.trigger.on
    branches = sorted(set(history.branches(layout.folder).values()))
    folders = tree.identify(layout.folder, [f"{commit}:{layout.prefix}{PIPELINES}" for commit in branches])
    with Index(layout.own("index.db")) as index:
        for commit in dict(zip(folders, branches, strict=True)).values():  # many have the same files
            for pipeline in pipelines(layout, index, commit, []):
                yield from pipeline.events
