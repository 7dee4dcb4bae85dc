"""Notice that a worker has died: whoever looks at runs does."""

from __future__ import annotations

from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal


def notice_dead(layout: Layout, journal: Journal) -> None:
    """End the runs whose worker lives no more, and start another for those that wait behind them.

    Args:
        layout: of the repository.
        journal: with the runs.
    """
    if journal.interrupt_dead() and journal.is_waiting():
        from zenrepo.runs.processes.worker_start import start_worker  # noqa: PLC0415  (few look-ups find a dead one)

        start_worker(layout)
