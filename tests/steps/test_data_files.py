"""Data steps find, open and read files of every kind, and name those that they cannot."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.steps.reading import ingest
from zenrepo.errors import DataError, StepArgumentError, StepFailed
from zenrepo.steps import (
    CSVDataStep,
    ImageDataStep,
    JSONDataStep,
    NumPyDataStep,
    PandasDataStep,
    ParquetDataStep,
    TFRecordDataStep,
)

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_lists_globs_and_folders_are_read(here: Path) -> None:
    """Each file once, hidden ones not, sub-folders too."""
    for name, number in {"a.csv": 1, "b.csv": 2, "deep/c.csv": 3, ".hidden.csv": 4, "notes.md": 5}.items():
        (here / "d" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "d" / name).write_text(f"n\n{number}\n")

    assert sorted(ingest(CSVDataStep(path="d"), here / "1").column("n")) == [1, 2, 3]
    assert sorted(ingest(CSVDataStep(path="d/*.csv"), here / "2").column("n")) == [1, 2]
    assert sorted(ingest(CSVDataStep(path="d/**/*.csv"), here / "3").column("n")) == [1, 2, 3]
    assert sorted(ingest(CSVDataStep(path=["d/b.csv", "d/*.csv"]), here / "4").column("n")) == [1, 2]
    with pytest.raises(DataError, match="no file matches"):
        ingest(CSVDataStep(path="d/*.tsv"), here / "5")


def test_compressed_files_are_read(here: Path) -> None:
    """Gzip, bzip2 and Zstandard, by the end of the name."""
    import pyarrow as pa

    text = b"n,s\n1,x\n2,\n"
    (here / "a.csv.gz").write_bytes(gzip.compress(text))
    (here / "a.csv.bz2").write_bytes(bz2.compress(text))
    with pa.CompressedOutputStream(str(here / "a.csv.zst"), "zstd") as stream:
        stream.write(text)

    for name in ("a.csv.gz", "a.csv.bz2", "a.csv.zst"):
        assert ingest(CSVDataStep(path=name), here / name[-3:]).rows == [{"n": 1, "s": "x"}, {"n": 2}]


def test_a_broken_compressed_file_is_named(here: Path) -> None:
    """One that breaks off, and one that is not compressed at all."""
    (here / "cut.csv.gz").write_bytes(gzip.compress(b"n\n" + b"123456\n" * 10000)[:-3000])
    (here / "plain.csv.gz").write_bytes(b"n\n1\n")

    for name in ("cut.csv.gz", "plain.csv.gz"):
        with pytest.raises(DataError, match=name):
            ingest(CSVDataStep(path=name), here / "out")


def test_an_address_is_read_with_tensorflows_file_layer(here: Path) -> None:
    """A file, a glob and a folder under a registered scheme."""
    import tensorflow as tf

    tf.io.gfile.makedirs("ram://tea/d")
    for name, text in {"a.csv": "n\n1\n", "b.csv": "n\n2\n"}.items():
        with tf.io.gfile.GFile(f"ram://tea/d/{name}", "wb") as file:
            file.write(text)
    with tf.io.gfile.GFile("ram://tea/d/c.csv.gz", "wb") as file:
        file.write(gzip.compress(b"n\n3\n"))

    assert ingest(CSVDataStep(path="ram://tea/d/a.csv"), here / "1").column("n") == [1]
    assert sorted(ingest(CSVDataStep(path="ram://tea/d/*.csv"), here / "2").column("n")) == [1, 2]
    assert sorted(ingest(CSVDataStep(path="ram://tea/d"), here / "3").column("n")) == [1, 2, 3]
    with pytest.raises(DataError, match=r"ram://tea/none\.csv: no such file"):
        ingest(CSVDataStep(path="ram://tea/none.csv"), here / "4")


def test_files_of_other_columns_are_put_together(here: Path) -> None:
    """By name, whatever the order; what a file lacks is missing, and is noted; the type follows from all."""
    (here / "a.csv").write_text("x,n\nu,1\n")
    (here / "b.csv").write_text("n,y\n2.5,7\n")
    found = ingest(CSVDataStep(path=["a.csv", "b.csv"]), here)

    assert sorted(found.rows, key=lambda row: row["n"]) == [{"x": "u", "n": 1.0}, {"n": 2.5, "y": 7}]
    assert found.facts["types"] == {"x": "string", "n": "float", "y": "int"}
    assert "a.csv has no column 'y'" in found.notes
    assert "b.csv has no column 'x'" in found.notes


def test_a_schema_is_held_to(here: Path) -> None:
    """Types that are given, markers of missing values, and the row that contradicts."""
    (here / "a.csv").write_text("zip,age\n01234,7\n99,NA\n")
    found = ingest(CSVDataStep(path="a.csv", schema={"zip": "string", "age": "float"}, missing=["NA"]), here)

    assert found.rows == [{"zip": "01234", "age": 7.0}, {"zip": "99"}]
    with pytest.raises(DataError, match=r"a\.csv, row 3, column 'age': 'NA' is no int"):
        ingest(CSVDataStep(path="a.csv", schema={"age": "int"}), here / "2")
    with pytest.raises(DataError, match="did you mean 'age'"):
        ingest(CSVDataStep(path="a.csv", schema={"agee": "int"}), here / "3")
    with pytest.raises(StepArgumentError, match="gives column 'age' the type 'whole'"):
        CSVDataStep(path="a.csv", schema={"age": "whole"})


def test_quotes_may_be_plain_text(here: Path) -> None:
    """Where quoting is turned off a double quote is a sign like others, odd or even."""
    (here / "a.tsv").write_text('pipe\tn\n5" long\t1\n"x\t2\n')

    assert ingest(CSVDataStep(path="a.tsv", quote=""), here).column("pipe") == ['5" long', '"x']
    with pytest.raises(DataError, match=r"a\.tsv, row 2: a double quote stands inside a value"):
        ingest(CSVDataStep(path="a.tsv"), here / "2")


def test_a_large_file_is_cut_between_rows(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quoted line ends are no cuts, and several parts make all rows, in several files, once each."""
    from zenrepo.runner.executors import data
    from zenrepo.steps.data import csv_cut, csv_read

    monkeypatch.setattr(csv_cut, "BLOCK", 5000)
    monkeypatch.setattr(csv_read, "PART", 20_000)
    monkeypatch.setattr(data, "LARGE", 100_000)
    rows = [{"n": i, "s": f'say "{i}"\nand, more' if i % 3 else "plain"} for i in range(5000)]
    quoted = "".join('{},"{}"\r\n'.format(r["n"], str(r["s"]).replace('"', '""')) for r in rows)
    (here / "a.csv").write_bytes(b"n,s\r\n" + quoted.encode())
    found = ingest(CSVDataStep(path="a.csv"), here)

    assert sorted(found.rows, key=lambda row: row["n"]) == rows
    assert len(found.files) > 2


def test_json_lines_and_arrays_are_the_same(here: Path) -> None:
    """Nested fields get dots, lists are lists, texts that look like times stay as they are written."""
    rows = [
        {"n": 1, "at": "2024-01-01", "who": {"name": "Ann", "tags": ["a", "b"]}, "ok": True},
        {"n": 2.5, "at": "2024-01-02T03:04:05", "who": {"name": None, "tags": []}, "new": "x"},
    ]
    (here / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (here / "a.json").write_text("\ufeff" + json.dumps(rows, indent=2))
    expected = [
        {"n": 1.0, "at": "2024-01-01", "who.name": "Ann", "who.tags": ["a", "b"], "ok": 1},
        {"n": 2.5, "at": "2024-01-02T03:04:05", "who.tags": [], "new": "x"},
    ]

    assert ingest(JSONDataStep(path="a.jsonl"), here / "1").rows == expected
    assert ingest(JSONDataStep(path="a.json"), here / "2").rows == expected


BAD_JSON = {
    "no json": ('{"a": 1}\n{"a": \n', "row 2: is no JSON"),
    "no object": ('{"a": 1}\n[1]\n', "row 2: is a list, not an object"),
    "null": ('{"a": 1}\nnull\n', "row 2: is nothing, not an object"),
    "behind an object": ('{"a": 1} null\n', "row 1: is no JSON"),
    "more than 64 bits": (f'{{"a": 1}}\n{{"a": {2**70}}}\n', "column 'a': cannot be kept"),
    "half a letter": ('{"a": "\\ud83d"}\n', "column 'a': cannot be kept"),
    "mixed": ('{"a": 1}\n{"a": "x"}\n', "row 2, column 'a': holds a text where it held a number before"),
    "nested lists": ('{"a": [[1]]}\n', "column 'a': holds list"),
    "empty": ("", "has no columns"),
    "half an array": ('[{"a": 1},', "is no JSON"),
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json_is_explained(here: Path, name: str) -> None:
    """File, row and column are named."""
    text, message = BAD_JSON[name]
    (here / "t.json").write_text(text)
    with pytest.raises(DataError, match=r"t\.json") as refused:
        ingest(JSONDataStep(path="t.json"), here)

    assert message in refused.value.message


def test_a_schema_settles_mixed_json(here: Path) -> None:
    """Numbers and texts in one field are what the schema says."""
    (here / "t.json").write_text('{"a": 1}\n{"a": "x"}\n{"b": 1}\n')

    assert ingest(JSONDataStep(path="t.json", schema={"a": "string"}), here).column("a") == ["1", "x", None]
    with pytest.raises(DataError, match=r"row 2, column 'a': 'x' is no int"):
        ingest(JSONDataStep(path="t.json", schema={"a": "int"}), here / "2")


def table() -> Any:
    """A table of many of Arrow's types."""
    import datetime
    from decimal import Decimal

    import pyarrow as pa

    return pa.table(
        {
            "n": pa.array([1, None], pa.int8()),
            "big": pa.array([2**62, 1], pa.uint64()),
            "half": pa.array([1.5, 2.5], pa.float32()),
            "price": pa.array([Decimal("1.25"), None]),
            "day": pa.array([datetime.date(2024, 1, 31), None]),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "raw": pa.array([b"\xff", b""], pa.binary()),
            "list": pa.array([[1, 2], None], pa.list_(pa.int32())),
            "in": pa.array([{"x": 1, "y": {"z": "u"}}, None]),
            "ok": pa.array([True, False]),
            "void": pa.nulls(2),
        }
    )


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.feather", "t.parquet.gz"])
def test_arrows_types_become_features(here: Path, name: str) -> None:
    """Each type is what the rule says, and what is kept otherwise is noted."""
    import pyarrow as pa
    from pyarrow import feather, parquet

    if name == "t.parquet":
        parquet.write_table(table(), name)
    elif name == "t.parquet.gz":
        parquet.write_table(table(), "t.parquet")
        (here / name).write_bytes(gzip.compress((here / "t.parquet").read_bytes()))
    elif name == "t.feather":
        feather.write_feather(table(), name)
    else:
        with pa.OSFile(name, "wb") as sink, pa.ipc.new_stream(sink, table().schema) as writer:
            writer.write_table(table())
    found = ingest(ParquetDataStep(path=name), here)

    first = {"n": 1, "big": 2**62, "half": 1.5, "price": 1.25, "day": "2024-01-31", "kind": "a", "raw": b"\xff"}
    assert found.rows == [
        {**first, "list": [1, 2], "in.x": 1, "in.y.z": "u", "ok": 1},
        {"big": 1, "half": 2.5, "kind": "b", "raw": "", "ok": 0},
    ]
    assert "column 'day' holds date32[day] and is kept as text" in found.notes
    assert "column 'void' has no values" in found.notes


def test_parquet_files_of_types_that_do_not_go_together_are_refused(here: Path) -> None:
    """Both files and the column are named; a schema settles it; whole numbers and decimals go together."""
    import pyarrow as pa
    from pyarrow import parquet

    for name, values in {"a": [1], "b": ["x"], "c": [0.5]}.items():
        parquet.write_table(pa.table({"v": values}), f"{name}.parquet")

    with pytest.raises(DataError, match=r"b\.parquet, column 'v': holds string where it held int in a\.parquet"):
        ingest(ParquetDataStep(path=["a.parquet", "b.parquet"]), here / "1")
    given = ParquetDataStep(path=["a.parquet", "b.parquet"], schema={"v": "string"})
    assert sorted(ingest(given, here / "2").column("v")) == ["1", "x"]
    mixed = ingest(ParquetDataStep(path=["a.parquet", "c.parquet"]), here / "3")
    assert sorted(mixed.column("v")) == [0.5, 1.0]
    assert "column 'v' is float: it holds whole numbers and decimals" in mixed.notes


def test_a_file_that_is_no_parquet_is_named(here: Path) -> None:
    """So is one that breaks off."""
    (here / "t.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"t\.parquet: is not what its suffix says"):
        ingest(ParquetDataStep(path="t.parquet"), here)


def test_arrays_become_columns(here: Path) -> None:
    """Of rank 1, 2 and 3, structured, of texts, in one file or several."""
    import numpy as np

    np.save("rank1.npy", np.array([1, 2], "i2"))
    np.save("rank2.npy", np.array([[1, 2], [3, 4]], ">f8"))
    np.save("named.npy", np.array([(1, "a"), (2, "b")], [("n", "i4"), ("s", "U3")]))
    np.savez("all.npz", x=np.zeros((2, 2, 2), "f2"), y=np.array([True, False]), t=np.array([b"u", b"v"]))

    assert ingest(NumPyDataStep(path="rank1.npy"), here / "1").column("rank1") == [1, 2]
    assert ingest(NumPyDataStep(path="rank2.npy"), here / "2").column("rank2") == [[1.0, 2.0], [3.0, 4.0]]
    split = ingest(NumPyDataStep(path="rank2.npy", columns=["a", "b"]), here / "3")
    assert split.rows == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    assert ingest(NumPyDataStep(path="named.npy"), here / "4").rows == [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}]
    several = ingest(NumPyDataStep(path="all.npz"), here / "5")
    assert several.rows[0] == {"x": [0.0] * 4, "y": 1, "t": "u"}
    assert "shape (2, 2), kept as lists" in several.notes


def test_arrays_that_cannot_be_rows_are_refused(here: Path) -> None:
    """Unequal lengths, objects, one value, complex numbers, too few names."""
    import numpy as np

    np.savez("uneven.npz", a=np.zeros(2), b=np.zeros(3))
    np.save("objects.npy", np.array([{}], object), allow_pickle=True)
    np.save("one.npy", np.array(1))
    np.save("complex.npy", np.zeros(2, "c8"))
    np.save("two.npy", np.zeros((2, 2)))

    for name, message in {
        "uneven.npz": "column 'b': has 3 rows where 'a' has 2",
        "objects.npy": "cannot be read",
        "one.npy": "is one value",
        "complex.npy": "holds complex64",
        "two.npy": "has 2 columns, and 'columns' names 1",
    }.items():
        with pytest.raises(DataError, match=message) as refused:
            ingest(NumPyDataStep(path=name, columns=["x"]), here)
        assert name in refused.value.message


class Frame(PandasDataStep):
    """Makes a frame."""

    def __init__(self, *, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def read_frame(self) -> Any:
        """Make one with an index of its own and missing values."""
        import pandas as pd

        frame = pd.DataFrame({"n": range(self.rows), "x": [None] + [0.5] * (self.rows - 1), "s": "a"})
        return frame.set_index(pd.Index(frame.n * 2, name="twice"))


def test_frames_are_read(here: Path) -> None:
    """From code, from a pickle and from Feather; the index is left out and that is noted."""
    found = ingest(Frame(rows=3), here / "1")
    Frame(rows=3).read_frame().to_pickle("f.pkl")
    Frame(rows=3).read_frame().reset_index(drop=True).to_feather("f.feather")

    assert found.rows == [{"n": 0, "s": "a"}, {"n": 1, "x": 0.5, "s": "a"}, {"n": 2, "x": 0.5, "s": "a"}]
    assert "the index 'twice' is left out" in found.notes
    assert ingest(PandasDataStep(path="f.pkl"), here / "2").rows == found.rows
    assert ingest(PandasDataStep(path="f.feather"), here / "3").rows == found.rows


def test_frames_that_cannot_be_kept_are_explained(here: Path) -> None:
    """Mixed objects, a thing that is no frame, a broken pickle, no path."""
    import pandas as pd

    class Mixed(PandasDataStep):
        def read_frame(self) -> Any:
            return pd.DataFrame({"odd": [1, "x", b"y"]})

    class NoFrame(PandasDataStep):
        def read_frame(self) -> Any:
            return [1]

    (here / "f.pkl").write_bytes(b"no pickle")

    with pytest.raises(DataError, match="odd"):
        ingest(Mixed(), here)
    with pytest.raises(StepFailed, match=r"NoFrame\.read_frame gives list, not a pandas\.DataFrame"):
        ingest(NoFrame(), here)
    with pytest.raises(DataError, match=r"f\.pkl: cannot be read"):
        ingest(PandasDataStep(path="f.pkl"), here)
    with pytest.raises(StepArgumentError, match="path is None"):
        PandasDataStep()


def pictures(folder: Path) -> None:
    """Draw pictures into a folder for each label."""
    import numpy as np
    import tensorflow as tf

    for label, size in {"cat": 3, "dog": 5}.items():
        (folder / label).mkdir(parents=True)
        drawn = np.zeros((size, 2 * size, 3), np.uint8)
        (folder / label / "1.png").write_bytes(tf.io.encode_png(drawn).numpy())
        (folder / label / "2.jpg").write_bytes(tf.io.encode_jpeg(drawn).numpy())


def test_pictures_are_labelled_by_their_folders(here: Path) -> None:
    """The bytes are the file's, and height and width are known."""
    pictures(here / "pets")
    found = sorted(ingest(ImageDataStep(path="pets"), here).rows, key=lambda row: row["file"])

    assert [row["label"] for row in found] == ["cat", "cat", "dog", "dog"]
    assert found[0]["image"] == (here / "pets/cat/1.png").read_bytes()
    assert [(row["height"], row["width"], row["channels"]) for row in found[1:3]] == [(3, 6, 3), (5, 10, 3)]


def test_pictures_are_labelled_by_a_list(here: Path) -> None:
    """Only what is listed is read, with all that the list says of it; a name that is not there is refused."""
    pictures(here / "pets")
    (here / "l.csv").write_text("file,label,age\ncat/1.png,tom,3\ndog/2.jpg,rex,11\n")
    (here / "m.json").write_text('[{"file": "cat/1.pgn", "label": 0}]')
    found = sorted(ingest(ImageDataStep(path="pets", labels="l.csv"), here).rows, key=lambda row: row["age"])

    assert [(row["label"], row["age"], row["height"]) for row in found] == [("tom", 3, 3), ("rex", 11, 5)]
    with pytest.raises(DataError, match=r"names 'cat/1\.pgn', which is not there") as refused:
        ingest(ImageDataStep(path="pets", labels="m.json"), here / "2")
    assert "did you mean 'cat/1.png'" in refused.value.hint


def test_broken_pictures_are_named(here: Path) -> None:
    """They fail the step, or are left out and noted, as was asked."""
    pictures(here / "pets")
    (here / "pets/cat/3.jpg").write_bytes(b"no picture")
    (here / "pets/dog/3.jpg").write_bytes((here / "pets/dog/2.jpg").read_bytes()[:100])

    with pytest.raises(DataError, match=r"pets/cat/3\.jpg: is no whole picture; so are pets/dog/3\.jpg"):
        ingest(ImageDataStep(path="pets"), here)
    skipped = ingest(ImageDataStep(path="pets", broken="skip"), here / "2")
    assert len(skipped.rows) == 4
    assert skipped.notes == "2 files are no pictures and are left out: pets/cat/3.jpg, pets/dog/3.jpg"


def test_tfrecords_are_read(here: Path) -> None:
    """Plain and gzipped, whatever they are called; values and missing ones are as they were."""
    import tensorflow as tf

    example = tf.train.Example()
    example.features.feature["n"].int64_list.value.extend([1, 2])
    example.features.feature["s"].bytes_list.value.append(b"x")
    for name, options in {"a.tfrecord": "", "b.tfrecord": "GZIP"}.items():
        with tf.io.TFRecordWriter(name, options) as writer:
            writer.write(example.SerializeToString())
            writer.write(tf.train.Example().SerializeToString())

    assert ingest(TFRecordDataStep(path="*.tfrecord"), here).rows == [{"n": [1, 2], "s": "x"}, {}] * 2


def test_damaged_tfrecords_are_named(here: Path) -> None:
    """A file that is none, one that breaks off, and one of something else."""
    import tensorflow as tf

    (here / "none.tfrecord").write_bytes(b"this is no file of records at all")
    for name, record in {
        "cut.tfrecord": tf.train.Example().SerializeToString() + b"",
        "else.tfrecord": b"\xff\xff",
    }.items():
        with tf.io.TFRecordWriter(name) as writer:
            writer.write(record)
            writer.write(record)
    (here / "cut.tfrecord").write_bytes((here / "cut.tfrecord").read_bytes()[:-3])

    for name in ("none.tfrecord", "cut.tfrecord", "else.tfrecord"):
        with pytest.raises(RuntimeError, match=f"DataError: {name}"):  # Beam's, from a worker
            ingest(TFRecordDataStep(path=name), here / name)


def test_the_same_data_has_the_same_digest(here: Path) -> None:
    """However it comes, once more or from another folder."""
    from tfx.types import standard_artifacts

    from zenrepo.runner.executors import data
    from zenrepo.runner.performing.work import Work

    def content(text: str, folder: str) -> str:
        (here / "t.csv").write_text(text)
        artifact = standard_artifacts.Examples()
        artifact.uri = str(here / folder)
        data.ingest(Work("data", CSVDataStep(path="t.csv"), {}, None, {}, {"examples": [artifact]}, {}))
        return str(artifact.get_string_custom_property(data.CONTENT))

    one = content("a,b\n1,x\n2,y\n", "1")
    assert len(one) == 64
    assert one == content("a,b\n1,x\n2,y\n", "2")
    assert one != content("a,b\n1,x\n3,y\n", "3")
