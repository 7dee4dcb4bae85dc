"""StandardSequencer: rows of time series become windows of equal steps.

pandas, Arrow and Beam are imported in the methods that run: this module is also imported where they are not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import positive_whole, text, texts
from zenrepo.steps.interfaces.sequencer import SequencerStep
from zenrepo.steps.sequencer.arguments import BY_TYPE, FILLING, RESAMPLING, methods_of, read_length
from zenrepo.steps.times import UNITS

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import pandas as pd
    from pandas.core.groupby import SeriesGroupBy


class StandardSequencer(SequencerStep):
    """Sorts rows by time, resamples them into equal steps, fills what is missing, and cuts windows.

    The rows of a category are a series of their own, and so are those behind a gap that is too long. A series that is
    shorter than a window is left out, and the report says how many were. Override ``resample`` or ``fill`` for methods
    of your own.

    Args:
        timestamp: the column of the times: numbers, or ISO 8601 texts. A text without an offset is UTC.
        length: how many steps a window has.
        shift: how many steps behind the first one of a window the next window begins.
        category: the column that tells series apart.
        frequency: the length of a step as pandas writes it: ``1D``, ``15min``, ``h``. Steps begin at whole multiples of
            it since 1970 in UTC; weeks begin on Mondays. By default each row is a step.
        resampling: by feature, how the values of one step become one: ``mean``, ``median``, ``mode``, ``sum``, ``min``,
            ``max``, ``first``, ``last``, ``count``, or ``{'method': 'threshold', 'cut': 0.5}``, which is 1 where the
            mean is at least the cut, else 0. By default the mean of numbers and the mode of texts.
        gap: a pause between two rows that is longer begins a new series. By default none does.
        filling: by feature, what a step without a value gets: ``forward`` or ``backward``, the value before or behind
            it, and where there is none the nearest on the other side; ``linear``, ``min``, ``max`` or ``mean`` of its
            series, or ``{'method': 'constant', 'value': 0}``. By default 0 for what is summed or counted, else
            ``forward``.
        features: the columns to keep. By default all.
        label: the feature to be forecast: ``<label>_next`` is what it is in the steps behind the window.
        horizon: how many steps ``<label>_next`` has.
        unit: what the timestamps count since 1970, where they are numbers: ``s``, ``ms``, ``us``, ``ns``, ``min``,
            ``h`` or ``D``.
    """

    def __init__(  # noqa: PLR0913 (what users say of a series is much)
        self,
        *,
        timestamp: str,
        length: int,
        shift: int = 1,
        category: str | None = None,
        frequency: str | None = None,
        resampling: dict[str, Any] | None = None,
        gap: str | None = None,
        filling: dict[str, Any] | None = None,
        features: list[str] | None = None,
        label: str | None = None,
        horizon: int = 1,
        unit: str = "s",
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "timestamp", timestamp)
        positive_whole(name, "length", length)
        positive_whole(name, "shift", shift)
        positive_whole(name, "horizon", horizon)
        self.timestamp, self.category = timestamp, category
        self.length, self.shift, self.horizon = length, shift, horizon
        self.frequency = read_length(name, "frequency", frequency)
        self.gap = read_length(name, "gap", gap)
        self.resampling = methods_of(name, "resampling", resampling, RESAMPLING)
        self.filling = methods_of(name, "filling", filling, FILLING)
        self.features, self.label, self.unit = features, label, unit
        self._check(name)

    def _check(self, name: str) -> None:
        """Refuse arguments that contradict each other."""
        for argument, value in (("category", self.category), ("label", self.label)):
            if value is not None:
                text(name, argument, value)
        if self.unit not in UNITS:
            raise StepArgumentError(name, f"unit is {self.unit!r}", f"it can be {', '.join(UNITS)}")
        if self.resampling and self.frequency is None:
            raise StepArgumentError(name, "resampling was given, but no frequency", "say how long a step is: '1D', 'h'")
        if self.category == self.timestamp:
            raise StepArgumentError(name, f"'{self.timestamp}' is both timestamp and category", "name two columns")
        if self.features is not None:
            texts(name, "features", self.features)
        self._check_features(name)

    def _check_features(self, name: str) -> None:
        """Refuse what names a column that is no feature."""
        wanted = {"label": [self.label] if self.label else [], "resampling": self.resampling, "filling": self.filling}
        for argument, named in wanted.items():
            for one in named:
                if one in (self.timestamp, self.category):
                    raise StepArgumentError(name, f"{argument} names '{one}', which is no feature")
                if self.features is not None and one not in self.features:
                    raise StepArgumentError(
                        name, f"{argument} names '{one}', which is not among features", "add it there"
                    )

    def get_columns(self) -> list[str]:
        """Name every column that an argument names."""
        named = [self.timestamp, self.category, self.label, *self.resampling, *self.filling, *(self.features or [])]
        return list(dict.fromkeys(column for column in named if column))

    def get_context(self) -> list[str]:
        """Name the category, and what is to be forecast."""
        return [*([self.category] if self.category else []), *([f"{self.label}_next"] if self.label else [])]

    def get_timeline(self) -> list[str]:
        """Name the timestamp."""
        return [self.timestamp]

    def sequence(self) -> beam.PTransform:
        """Make windows of the rows of one split."""
        from zenrepo.steps.sequencer.transform import MakeWindows

        if self.length > self.shift:
            self.facts["overlap"] = self.length - self.shift
        return MakeWindows(self)

    def feature_type(self, name: str, found: str) -> str:
        """Say of what type a feature is in the windows.

        Args:
            name: of the feature.
            found: its type in the rows: ``int``, ``float`` or ``string``.

        Returns:
            One of the same three.
        """
        methods = {self.resampling_of(name, found)["method"], self.filling_of(name, found)["method"]}
        if found == "string" and "count" not in methods:
            return found
        if methods & {"mean", "median", "linear"} or isinstance(self.filling_of(name, found).get("value"), float):
            return "float"
        return "int" if methods & {"threshold", "count"} else found

    def resampling_of(self, name: str, found: str) -> dict[str, Any]:
        """Say how a feature is resampled.

        Args:
            name: of the feature.
            found: its type in the rows.

        Returns:
            A map with ``method`` and what the method needs.
        """
        if self.frequency is None:
            return {"method": "first"}
        return self.resampling.get(name, {"method": BY_TYPE[found]})

    def filling_of(self, name: str, found: str) -> dict[str, Any]:
        """Say how a feature is filled, as ``resampling_of`` does."""
        summed = self.resampling_of(name, found)["method"] in ("sum", "count")
        return self.filling.get(name, {"method": "constant", "value": 0} if summed else {"method": "forward"})

    def resample(self, name: str, values: SeriesGroupBy, found: str) -> pd.Series:
        """Make one value of those that fall into one step.

        Args:
            name: of the feature.
            values: of many series, grouped by series and step; numbers, or texts as ``str``.
            found: its type in the rows.

        Returns:
            A value for each group; ``nan`` or ``None`` where there is none.
        """
        from zenrepo.steps.sequencer.methods import resample

        return resample(values, self.resampling_of(name, found))

    def fill(self, name: str, values: pd.Series, series: pd.Series, found: str) -> pd.Series:
        """Give a value to the steps that have none.

        Args:
            name: of the feature.
            values: of many series, one behind the other, in the order of time.
            series: the number of the series that each value belongs to: ``values.groupby(series)`` takes them apart.
            found: its type in the rows.

        Returns:
            As many values. A series in which one is still missing is left out, and counted in the report.
        """
        from zenrepo.steps.sequencer.methods import fill

        return fill(values, series, self.filling_of(name, found))
