"""TFX's SchemaGen."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.schema_gen.executor import DEFAULT_FILE_NAME, Executor
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.types.artifact import Artifact
from tfx.types.artifact_utils import decode_split_names

from zenrepo.runner.performing.work import Work


def infer_schema(work: Work) -> None:
    """Infer the schema of the examples from their statistics."""
    work.run_tfx(Executor, {})
    file = Path(work.output("schema").uri, DEFAULT_FILE_NAME)
    schema = text_format.Parse(file.read_text(encoding="utf-8"), schema_pb2.Schema())
    count_values(schema, work.input("statistics"))
    file.write_text(text_format.MessageToString(schema), encoding="utf-8")
    work.facts.update(features=len(schema.feature))


def count_values(schema: schema_pb2.Schema, statistics: Artifact) -> None:
    """Say that a feature has one value where it has any; SchemaGen does not where the first split lacks none.

    Args:
        schema: as SchemaGen inferred it, changed in place.
        statistics: of every split.
    """
    most: dict[str, int] = {}
    for split in decode_split_names(statistics.split_names):
        for dataset in stats_artifact_utils.load_statistics(statistics, split).proto().datasets:
            for found in dataset.features:
                common = getattr(found, found.WhichOneof("stats")).common_stats
                name = found.path.step[0]
                most[name] = max(most.get(name, 0), common.max_num_values)
    for feature in schema.feature:
        if not feature.HasField("shape") and not feature.HasField("value_count") and most.get(feature.name) == 1:
            feature.value_count.min = feature.value_count.max = 1
