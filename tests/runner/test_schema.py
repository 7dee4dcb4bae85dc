"""The schema says how many values a feature has, whichever split lacks some."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


@pytest.mark.parametrize(("most", "counted"), [(1, [("fare", 1)]), (3, [])])
def test_a_value_that_only_another_split_lacks_is_missing(
    most: int, counted: list[tuple[str, int]], tmp_path: Path
) -> None:
    """A feature of at most one value in every split has one; a feature of several keeps its freedom."""
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2
    from tfx.types import standard_artifacts

    from zenrepo.runner.executors.schema import count_values

    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri, statistics.split_names = str(tmp_path), '["train", "eval"]'
    for split, values in (("train", 1), ("eval", most)):
        found = statistics_pb2.DatasetFeatureStatisticsList()
        feature = found.datasets.add().features.add()
        feature.path.step.append("fare")
        feature.num_stats.common_stats.max_num_values = values
        (tmp_path / f"Split-{split}").mkdir()
        (tmp_path / f"Split-{split}" / "FeatureStats.pb").write_bytes(found.SerializeToString())
    schema = text_format.Parse('feature { name: "fare" type: FLOAT }', schema_pb2.Schema())

    count_values(schema, statistics)

    assert [(f.name, f.value_count.max) for f in schema.feature if f.HasField("value_count")] == counted
