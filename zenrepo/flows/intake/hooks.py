"""The git hooks that a repository's pipelines ask for."""

from __future__ import annotations

from zenrepo.flows.planning.listing import listing
from zenrepo.git import history, hooks
from zenrepo.git.hooks import HookStatus
from zenrepo.git.locate import has_worktree
from zenrepo.layout import Layout


def install(layout: Layout) -> list[str]:
    """Put in the hooks that a repository needs, beside whatever hooks there are; done again it changes nothing.

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
    """Give the events that the pipelines of a repository ask for; those whose files are broken ask for none."""
    if not has_worktree(layout) and history.resolve(layout.folder, "HEAD") is None:
        return set()
    return {event for pipeline in listing(layout).files.values() for event in pipeline.trigger.on}
