"""What the vectorised writer writes is what TensorFlow and tfx_bsl read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=32, allow_nan=False)
BYTES = st.one_of(st.binary(max_size=300), st.text(max_size=20).map(str.encode))
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200
)  # tfx_bsl ends it at a NUL


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, dict[str, tuple[str, list[Any]]]]:
    """Columns of one length: their kinds and values, ``None`` for a null, some of lists."""
    rows = draw(st.integers(0, 12))
    columns = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        kind, values = draw(st.sampled_from([("int64", INTS), ("float", FLOATS), ("binary", BYTES)]))
        cells = draw(st.sampled_from([values, st.lists(values, max_size=40)]))
        kind = kind if cells is values else f"list<{kind}>"
        columns[name] = (kind, draw(st.lists(st.none() | cells, min_size=rows, max_size=rows)))
    return rows, columns


def batch_of(columns: dict[str, tuple[str, list[Any]]], rows: int) -> Any:
    """Make the batch."""
    import pyarrow as pa

    plain = {"int64": pa.int64(), "float": pa.float32(), "binary": pa.binary()}
    kinds = {**plain, **{f"list<{name}>": pa.list_(kind) for name, kind in plain.items()}}
    arrays = [pa.array(values, kinds[kind]) for kind, values in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


def expected(columns: dict[str, tuple[str, list[Any]]], row: int) -> dict[str, list[Any]]:
    """Say what the features of a row are: lists, and none for a null."""
    values = {name: cells[row] for name, (_, cells) in columns.items()}
    return {n: v if isinstance(v, list) else [v] for n, v in values.items() if v is not None}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_tensorflow_reads_what_was_written(tmp_path_factory: Any, table: tuple[int, Any]) -> None:
    """Each frame's checksums hold, and each example has the features of its row, whatever they are."""
    import tensorflow as tf

    from zenrepo.runner.artifacts.records import ShardWriter

    rows, columns = table
    file: Path = tmp_path_factory.mktemp("shard") / "x.gz"
    with ShardWriter(file) as writer:
        writer.write(batch_of(columns, rows))

    read = [tf.train.Example.FromString(r) for r in tf.data.TFRecordDataset([str(file)], "GZIP").as_numpy_iterator()]
    found = [
        {
            n: list(getattr(f, f.WhichOneof("kind")).value)
            for n, f in example.features.feature.items()
            if f.WhichOneof("kind")
        }
        for example in read
    ]
    assert found == [expected(columns, row) for row in range(rows)]
    assert writer.rows == rows


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_tfx_bsl_decodes_what_was_encoded(table: tuple[int, Any]) -> None:
    """TFX's decoder gives the lists back; a null is a null, an empty list an empty list."""
    from zenrepo.runner.artifacts import records

    rows, columns = table
    if not rows or not any(v is not None for _, cells in columns.values() for v in cells):
        return
    decoded = records.decode(records.encode(batch_of(columns, rows)))

    assert [{n: v for n, v in row.items() if v is not None} for row in decoded.to_pylist()] == [
        expected(columns, row) for row in range(rows)
    ]


def test_parse_example_reads_what_was_written(tmp_path: Path) -> None:
    """TensorFlow's parser in the graph reads dense, ragged and missing features."""
    import pyarrow as pa
    import tensorflow as tf

    from zenrepo.runner.artifacts.records import encode

    batch = pa.RecordBatch.from_pydict({"n": [1, None, -3], "x": [0.5, 1.5, None], "s": [["a", "b"], [], None]})
    spec = {
        "n": tf.io.FixedLenFeature([], tf.int64, 7),
        "x": tf.io.FixedLenFeature([], tf.float32, -1.0),
        "s": tf.io.RaggedFeature(tf.string),
    }
    parsed = tf.io.parse_example(encode(batch), spec)

    assert parsed["n"].numpy().tolist() == [1, 7, -3]
    assert parsed["x"].numpy().tolist() == [0.5, 1.5, -1.0]
    assert parsed["s"].to_list() == [[b"a", b"b"], [], []]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_serialized_records_are_written_as_they_are(tmp_path_factory: Any, records: list[bytes]) -> None:
    """Whatever bytes a record has, TensorFlow reads them back."""
    import tensorflow as tf

    from zenrepo.runner.artifacts.records import ShardWriter

    file = tmp_path_factory.mktemp("shard") / "x.gz"
    with ShardWriter(file) as writer:
        writer.write_serialized(records)

    assert list(tf.data.TFRecordDataset([str(file)], "GZIP").as_numpy_iterator()) == records


def test_the_digest_follows_the_content_alone(tmp_path: Path) -> None:
    """Which writer wrote which batch does not matter; a value does."""
    import pyarrow as pa

    from zenrepo.runner.artifacts.records import ShardWriter, digest_of

    batches = [pa.RecordBatch.from_pydict({"n": [i, i + 1]}) for i in range(4)]

    def written(name: str, *groups: list[Any]) -> str:
        contents = []
        for number, group in enumerate(groups):
            with ShardWriter(tmp_path / f"{name}{number}.gz") as writer:
                for batch in group:
                    writer.write(batch)
            contents.append(writer.content)
        return digest_of(contents)

    one = written("a", batches)
    assert one == written("b", batches[2:], batches[:2][::-1])
    assert one != written("c", batches[:3])
    assert one != written("d", batches, batches[:1])


def test_a_slice_of_a_large_batch_is_written(tmp_path: Path) -> None:
    """More rows than are serialized at once, out of the middle of a batch, with nulls and lists."""
    import pyarrow as pa

    from zenrepo.runner.artifacts.records import BATCH, ShardWriter, decode, read_serialized

    rows = [{"n": i if i % 3 else None, "l": [float(i)] * (i % 4), "s": str(i)} for i in range(2 * BATCH + 100)]
    with ShardWriter(tmp_path / "x.gz") as writer:
        writer.write(pa.RecordBatch.from_pylist(rows).slice(50, 2 * BATCH))
    read = [row for serialized in read_serialized(tmp_path) for row in decode(serialized).to_pylist()]

    assert [row["n"] for row in read] == [r["n"] and [r["n"]] for r in rows[50 : 2 * BATCH + 50]]
    assert [row["l"] for row in read] == [r["l"] for r in rows[50 : 2 * BATCH + 50]]
    assert [row["s"] for row in read] == [[r["s"].encode()] for r in rows[50 : 2 * BATCH + 50]]


@pytest.mark.parametrize(
    ("values", "message"),
    [([[1, None]], "a list with a missing value"), ([[[1]]], "which no feature can"), ([{"a": 1}], "which no feature")],
)
def test_what_no_feature_can_hold_is_refused(values: list[Any], message: str) -> None:
    """The column is named."""
    import pyarrow as pa

    from zenrepo.errors import StepFailed
    from zenrepo.runner.artifacts.records import encode

    with pytest.raises(StepFailed, match=message) as refused:
        encode(pa.RecordBatch.from_pydict({"odd": values}))

    assert "'odd'" in refused.value.message
