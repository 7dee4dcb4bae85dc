"""What a repository is asked about captured working trees."""

from __future__ import annotations

from zenrepo.flows.planning import captured
from zenrepo.flows.planning.captured import Held
from zenrepo.layout import Layout


class CapturedLookups:
    """Looks captured working trees up, and makes branches of them."""

    layout: Layout

    def captured(self) -> list[Held]:
        """Give the working trees that runs captured, newest first."""
        return captured.listing(self.layout)

    def promote(self, which: str | int, branch: str, message: str | None = None) -> str:
        """Make a branch of a captured working tree, as ``zenrepo captured promote`` does; nothing is checked out.

        Args:
            which: its id, or the number of a run of it.
            branch: the name of the new branch.
            message: of its commit.

        Returns:
            The commit's id.

        Raises:
            UsageError: if there is no such tree, or such a branch already.
            GitError: for a name that git does not take, or a user whom it does not know.
        """
        return captured.promote(self.layout, str(which), branch, message)
