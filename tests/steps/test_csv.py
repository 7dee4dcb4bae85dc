"""CSV files, good and bad."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zenrepo.errors import DataError
from zenrepo.steps import CSVDataStep
from zenrepo.steps.data.csv_check import explain, read_header
from zenrepo.steps.data.dialect import Dialect
from zenrepo.steps.data.files import SourceFile

BAD = {
    "empty": (b"", "t.csv: is empty"),
    "blank": (b"\n\n", "t.csv: is empty but for line ends"),
    "header only": (b"a,b\n", "t.csv: has a header and no rows"),
    "duplicate column": (b"a,b,a\n1,2,3\n", "t.csv, row 1, column 'a': columns 1 and 3 have the same name"),
    "nameless column": (b"a,,c\n1,2,3\n", "t.csv, row 1: column 2 has no name"),
    "short row": (b"a,b\n1,2\n3\n", "t.csv, row 3: has 1 values where the header has 2 columns"),
    "long row": (b"a,b\n1,2\n3,4,5\n6,7\n", "t.csv, row 3: has 3 values where the header has 2 columns"),
    "long row after lines": (b'a,b\n"x\ny",2\n3,4,5\n', "t.csv, row 4: has 3 values where the header has 2 columns"),
    "latin 1": ("a,b\n1,x\n2,é\n".encode("latin-1"), "t.csv, row 3: is not UTF-8: byte 3 of the row is 0xe9"),
    "utf 16": ("a,b\n1,2\n".encode("utf-16"), "t.csv, row 1: is not UTF-8: byte 1 of the row is 0xff"),
    "stray quote": (
        b'a,b\n1,"x"\n2,5" y" z\n',
        "t.csv, row 3: a double quote stands inside a value that has none around it",
    ),
    "open quote": (b'a,b\n1,2\n3,"x\n5,6\n', "t.csv, row 3: a double quote is opened and never closed"),
}


@pytest.fixture(params=BAD, ids=list(BAD))
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A bad file, and what is to be said of it."""
    content, message = BAD[request.param]
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    return file, message


@pytest.mark.heavy
def test_a_bad_file_is_explained(bad: tuple[Path, str]) -> None:
    """The message names file, row and column."""
    file, message = bad
    source = SourceFile("t.csv", str(file))
    with pytest.raises(DataError) as refused:
        explain(source, Dialect(), read_header(source, Dialect()))

    assert refused.value.message == message
    assert refused.value.hint


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_a_bad_file_is_refused_before_it_is_read(bad: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The step finds with Arrow that something is wrong, and says exactly what."""
    file, message = bad
    monkeypatch.chdir(file.parent)
    with pytest.raises(DataError) as refused:
        CSVDataStep(path="t.csv").read_from_source()

    assert refused.value.message == message


def test_a_missing_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path where nothing is, or a folder, is named as the user wrote it."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DataError, match=r"data/none\.csv: no such file"):
        CSVDataStep(path="data/none.csv").read_from_source()
    with pytest.raises(DataError, match="is a folder without a file that ends in"):
        CSVDataStep(path=".").read_from_source()


def read(file: Path, content: str | bytes, **args: Any) -> tuple[dict[str, str], list[dict[str, Any]], Any]:
    """Read a file with the step: its types, its rows, its notes."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_all(str(file), **args)


def read_all(path: str | list[str], **args: Any) -> tuple[dict[str, str], list[dict[str, Any]], Any]:
    """Read what a path names."""
    from zenrepo.steps.data.csv_read import read_part

    step = CSVDataStep(path=path, **args)
    source: Any = step.read_from_source()
    found = source.found
    batches = [batch for part in found.parts for batch in read_part(part, found.dialect, found.types)]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert repr([row for batch in step.batches() for row in batch.to_pylist()]) == repr(rows)  # nan is not nan
    return {name: str(kind) for name, kind in found.types.items()}, rows, step.facts.get("notes", [])


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2", ""], "int64"),
        (["1", "2.5", "1e3"], "double"),
        (["1", "nan", "inf"], "double"),
        (["9223372036854775807", "0"], "int64"),
        (["9223372036854775808", "0"], "string"),
        (["007", "12"], "string"),
        (["0.5", "0"], "double"),
        (["1", "one"], "string"),
        (["true", "false"], "string"),
        (["2024-01-01", "2024-01-02"], "string"),
        (["NA", "null"], "string"),
    ],
)
def test_types_follow_from_all_values(tmp_path: Path, values: list[str], kind: str) -> None:
    """A column is numeric only if every value is, whole only if every value is, and loses no digits."""
    types, _, _ = read(tmp_path / "t.csv", "a,b\n" + "".join(f"{value},x\n" for value in values))

    assert types["a"] == kind


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_a_text_among_numbers_is_told(tmp_path: Path) -> None:
    """Where few values keep a column from being numeric, the first of them is named with its row."""
    rows = "".join(f"{i},{'?' if i == 7 else i}\n" for i in range(100))
    types, _, notes = read(tmp_path / "t.csv", "id,age\n" + rows)

    assert types == {"id": "int64", "age": "string"}
    assert notes == ["column 'age' is string: 1 of 100 values is no number, first '?' in row 9"]


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_types_hold_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last row of a long file counts as much as the first."""
    from zenrepo.steps.data import csv_cut

    monkeypatch.setattr(csv_cut, "BLOCK", 1000)
    types, rows, _ = read(tmp_path / "t.csv", "a\n" + "".join(f"{i}\n" for i in range(5000)) + "0.5\n")

    assert types == {"a": "double"}
    assert len(rows) == 5001


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_rfc_4180_is_read(tmp_path: Path) -> None:
    """Byte order mark, quoted delimiters, quoted line ends, doubled quotes, CRLF and missing values."""
    content = b'\xef\xbb\xbfname,note,n\r\n"a,b","say ""hi""\r\nthere",1\r\n,"",\r\n'
    types, rows, _ = read(tmp_path / "t.csv", content)

    assert types == {"name": "string", "note": "string", "n": "int64"}
    assert rows == [{"name": "a,b", "note": 'say "hi"\r\nthere', "n": 1}, {"name": None, "note": None, "n": None}]


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_another_delimiter_is_read(tmp_path: Path) -> None:
    """A tab parts values as well as a comma."""
    types, rows, _ = read(tmp_path / "t.tsv", "a\tb\n1\tx, y\n")

    assert types == {"a": "int64", "b": "string"}
    assert rows == [{"a": 1, "b": "x, y"}]


CELLS = st.text(st.sampled_from('ab1 ,;"\n\r\té'), max_size=6)


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=20),
    block=st.integers(1, 60),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_is_read_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], block: int, line_end: str
) -> None:
    """Quoted delimiters, quotes and line ends are read as Python's own writer wrote them, in pieces of any size."""
    from zenrepo.steps.data import csv_cut, csv_read

    file = tmp_path_factory.mktemp("csv") / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([["x", "y"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_cut, "BLOCK", block)
        patch.setattr(csv_read, "PART", 3 * block)
        _, read_rows, _ = read_all(str(file), schema={"x": "string", "y": "string"})

    assert [[row["x"] or "", row["y"] or ""] for row in read_rows] == rows
