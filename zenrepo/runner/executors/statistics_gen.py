"""TFX's StatisticsGen."""

from __future__ import annotations

from tfx.components.statistics_gen.executor import Executor

from zenrepo.runner.artifacts.wholeness import rows_of
from zenrepo.runner.performing.rows_read import count_rows_read
from zenrepo.runner.performing.work import Work


def generate_statistics(work: Work) -> None:
    """Compute the statistics of every split."""
    count_rows_read(rows_of(work.input("examples")))
    work.run_tfx(Executor, {})
