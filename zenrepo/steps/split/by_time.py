"""TimeSplit: the past is for training, what came after for evaluation.

numpy, Arrow and Beam are imported in the methods that run: this module is also imported where they are not installed.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps.checks import text
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.split.arguments import ERROR, policy, shares_of, split_names

if TYPE_CHECKING:  # the annotations alone need these
    import apache_beam as beam
    import numpy as np
    import pyarrow as pa

USUAL_ORDER = ["train", "eval", "test"]


class TimeSplit(SplitStep):
    """Cuts the examples at moments, so that no split has examples from before the end of another that is older.

    Args:
        column: the column of the times: numbers, or ISO 8601 texts. A text without an offset is UTC.
        split_map: the share of each split of the examples. The cuts are quantiles of the times: exact where there are
            up to 65,536 examples, drawn from a sample of that many where there are more. Examples of the same time
            are never parted. By default 0.7 ``train``, 0.3 ``eval``, where ``starts`` is not given.
        starts: instead of shares, the first moment of each split; that of the oldest is ``None``.
        order: the splits of ``split_map``, the oldest first. By default ``train``, ``eval``, ``test``.
        missing: what becomes of an example without a time: ``error``, ``skip``, or the name of a split.
    """

    def __init__(
        self,
        *,
        column: str,
        split_map: dict[str, Any] | None = None,
        starts: dict[str, Any] | None = None,
        order: list[str] | None = None,
        missing: str = ERROR,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "column", column)
        self.column = column
        self.missing = missing
        self.starts = starts
        if starts is not None:
            if split_map is not None or order is not None:
                hint = "leave split_map and order out: the moments say all"
                raise StepArgumentError(name, "starts was given, and shares beside it", hint)
            self.split_map: dict[str, Any] = {}
            self.order = _check_starts(name, starts)
        else:
            self.split_map = shares_of(name, split_map)
            self.order = _check_order(name, list(self.split_map), order)
        policy(name, "missing", missing, self.order)

    def get_split_names(self) -> list[str]:
        """Name the splits, the oldest first."""
        return list(self.order)

    def get_columns(self) -> list[str]:
        """Name the column of the times."""
        return [self.column]

    def analyze(self) -> Generator[beam.PTransform, Any, Any] | None:
        """Find the quantiles at which to cut, where shares were given."""
        return self._quantiles() if self.starts is None else None

    def _quantiles(self) -> Generator[beam.PTransform, Any, Any]:
        from zenrepo.steps.split.moments import SampleTimes, cut, written

        sample = yield SampleTimes(self.column)
        if not len(sample.times):
            raise self._without_time()
        if sample.times[0] == sample.times[-1] and len(self.order) > 1:
            moment = written(sample.times[0], sample.is_text)
            raise StepFailed(
                f"column '{self.column}' is {moment} in all examples", "name a column that tells earlier from later"
            )
        cuts = cut(sample.times, [self.split_map[name] for name in self.order])
        named = zip(self.order[1:], cuts, strict=True)
        self.facts["starts"] = {name: written(moment, sample.is_text) for name, moment in named}
        return cuts

    def partition_fn(self, examples: pa.RecordBatch) -> np.ndarray[Any, Any]:
        """Choose a split for each example by its time.

        Args:
            examples: a batch of n examples.

        Returns:
            n indices into the split names, -1 for what is left out.

        Raises:
            StepFailed: for a text that is no ISO 8601 time, and for an example without a time, where ``missing`` says
                so.
        """
        import numpy as np

        from zenrepo.steps.split.columns import NOWHERE, settle
        from zenrepo.steps.split.moments import moments_of, times_of

        times, there, is_text = times_of(examples, self.column)
        cuts = self.analysis
        if self.starts is not None:
            listed = [self.starts[name] for name in self.order[1:]]
            cuts = moments_of(listed, self.column, is_text=is_text) if there.any() else []
        parts = np.where(there, np.searchsorted(cuts, times, side="right"), NOWHERE)
        settled, missing = settle(parts, self.missing, self.order, lambda _: self._without_time())
        if missing:
            self.count("missing_times", missing)
        return settled

    def hint_for_empty(self, split: str) -> str:
        """Say what to do about a split in whose time nothing happened."""
        return f"no time in column '{self.column}' lies in '{split}': move where it starts, or give it a larger share"

    def _without_time(self) -> StepFailed:
        names = ", ".join(map(repr, self.order))
        return StepFailed(
            f"column '{self.column}' has no value in some examples", f"set missing to 'skip', or to one of {names}"
        )


def _check_order(step: str, names: list[str], order: object) -> list[str]:
    if order is None:
        if not set(names) <= set(USUAL_ORDER):
            unusual = next(name for name in names if name not in USUAL_ORDER)
            raise StepArgumentError(
                step, f"it is not said when split '{unusual}' is", f"give order={names!r}, the oldest first"
            )
        return [name for name in USUAL_ORDER if name in names]
    if not isinstance(order, list) or sorted(map(str, order)) != sorted(names):
        raise StepArgumentError(
            step, f"order is {order!r}, not a list of the splits", f"give {names!r}, the oldest first"
        )
    return order


def _check_starts(step: str, starts: object) -> list[str]:
    """Check the first moments of splits, and put the splits in order."""
    hint = "give starts={'train': None, 'eval': '2026-01-01'}"
    if not isinstance(starts, dict) or len(starts) < 2:
        raise StepArgumentError(step, f"starts is {starts!r}, not a map of two splits or more", hint)
    split_names(step, starts)
    open_ones = [name for name, moment in starts.items() if moment is None]
    if len(open_ones) != 1:
        raise StepArgumentError(step, f"starts has {len(open_ones)} splits without a moment, not one", hint)
    moments = {name: _comparable(step, name, moment) for name, moment in starts.items() if moment is not None}
    if len({isinstance(moment, float) for moment in moments.values()}) > 1:
        raise StepArgumentError(step, "starts has numbers and texts", "give all moments in the same form")
    if len(set(moments.values())) < len(moments):
        raise StepArgumentError(step, "two splits of starts begin at the same moment", "one of them would be empty")
    return [*open_ones, *sorted(moments, key=moments.__getitem__)]


def _comparable(step: str, name: str, moment: object) -> Any:
    from zenrepo.steps.times import parse

    if isinstance(moment, int | float) and not isinstance(moment, bool):
        return float(moment)
    parsed = parse(moment) if isinstance(moment, str) else None
    if parsed is None:
        raise StepArgumentError(
            step, f"starts.{name} is {moment!r}, not a number or an ISO 8601 time", "write '2026-01-31T12:00:00Z'"
        )
    return parsed
