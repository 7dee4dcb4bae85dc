"""How far a training of several epochs is, to the batch where that is known."""

from __future__ import annotations

from zenrepo.steps import progress

UNIT = "epochs"


class Epochs:
    """Counts the epochs of a training, and the batches of each.

    How many batches an epoch has is known when the first is over; until then they are counted by themselves.

    Args:
        total: how many epochs there will be at the most.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = self._batches = self._size = 0

    def begin(self, done: int) -> None:
        """Begin an epoch.

        Args:
            done: how many are over.
        """
        self._done, self._batches = done, 0
        progress.report(done, self._total, UNIT)

    def batch(self) -> None:
        """Count a batch of the epoch."""
        self._batches += 1
        if self._size:
            progress.report(self._done + min(1.0, self._batches / self._size), self._total, UNIT)
        else:
            progress.report(self._batches, None, f"batches of epoch {self._done + 1}")

    def end(self) -> None:
        """End the epoch."""
        self._done, self._size = self._done + 1, self._batches
        progress.report(self._done, self._total, UNIT)
