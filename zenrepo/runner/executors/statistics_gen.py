"""TFX's StatisticsGen."""

from __future__ import annotations

from tfx.components.statistics_gen.executor import Executor

from zenrepo.runner.performing.work import Work


def generate_statistics(work: Work) -> None:
    """Compute the statistics of every split."""
    work.run_tfx(Executor, {})
