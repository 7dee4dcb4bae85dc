"""Which data the arguments of a step name, and what its digest follows from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from zenrepo.errors import UsageError
from zenrepo.flows.planning.inputs import Inputs


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """A commit with two files, in a folder that has more."""
    files = {"data/a.csv": "1" * 40, "data/b.csv": "2" * 40}
    for name in (*files, "data/c.csv"):
        for place in ("root", "checkout") if name in files else ("root",):
            (tmp_path / place / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place / name).write_text(f"{place} {name}")
    (tmp_path / "root/out/x.db").parent.mkdir()
    (tmp_path / "root/out/x.db").write_text("rows")
    (tmp_path / "root/out/y.db").write_text("rows")
    return Inputs(tmp_path / "root", tmp_path / "checkout", files, "tea-1")


def found(inputs: Inputs, text: object, kind: str = "data") -> dict[str, tuple[str, str]]:
    """Give path, from the temporary folder on, and digest, by argument."""
    base = f"{inputs.root.parent}/"
    return {name: (i.path.removeprefix(base), i.digest) for name, i in inputs.of({"path": text}, kind)}


def test_a_list_names_each_of_its_files(inputs: Inputs) -> None:
    """Each is found where it is."""
    places = {name: path for name, (path, _) in found(inputs, ["data/a.csv", "out/x.db"]).items()}

    assert places == {"data/a.csv": "checkout/data/a.csv", "out/x.db": "root/out/x.db"}


def test_a_glob_is_digested_with_all_that_it_matches(inputs: Inputs) -> None:
    """Of the commit where git tracks any, else of the folder; a new file, or a changed one, changes it."""
    place, tracked = found(inputs, "data/*.csv")["data/*.csv"]
    outside = found(inputs, "out/*.db")["out/*.db"]
    more = Inputs(inputs.root, inputs.checkout, {"data/a.csv": "1" * 40}, "tea-1")

    assert place == "checkout/data/*.csv"
    assert outside[0] == "root/out/*.db"
    assert found(more, "data/*.csv")["data/*.csv"][1] != tracked
    (inputs.root / "out/y.db").write_text("other rows")
    changed = found(inputs, "out/*.db")["out/*.db"]
    assert changed[1] != outside[1]
    (inputs.root / "out/z.db").write_text("rows")
    assert found(inputs, "out/*.db")["out/*.db"][1] != changed[1]
    assert not found(inputs, "data/*.csv", kind="trainer")
    assert not found(inputs, "select * from tea")


def test_a_sqlite_file_is_a_file(inputs: Inputs) -> None:
    """Its content is digested, as that of any other."""
    assert found(inputs, "sqlite:///out/x.db") == found(inputs, "out/x.db")


@pytest.mark.parametrize("text", ["gs://bucket/a.csv", "postgresql+psycopg://tea", "${TEA_DB}"])
def test_no_other_run_answers_for_an_address(inputs: Inputs, text: str) -> None:
    """What is behind it may change between any two runs; other kinds of steps do not read it."""
    other = Inputs(inputs.root, inputs.checkout, inputs.files, "tea-2")

    assert found(inputs, text)[text][0] == text
    assert found(inputs, text) != found(other, text)
    assert not found(inputs, text, kind="trainer")


def test_what_was_committed_last_to_a_sqlite_file_counts(inputs: Inputs) -> None:
    """It stands in a file beside it, for as long as somebody has the database open."""
    file = inputs.root / "out" / "wal.db"
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("create table tea (minutes)")
        writer.commit()
        with closing(sqlite3.connect(file)) as reader:
            before = found(inputs, "sqlite:///out/wal.db")
            reader.execute("select * from tea").fetchall()
            again = found(inputs, "sqlite:///out/wal.db")
        main = file.read_bytes()
        writer.execute("insert into tea values (3)")
        writer.commit()

        assert file.read_bytes() == main
        assert found(inputs, "sqlite:///out/wal.db") != before == again


def test_the_whole_folder_is_data_where_it_is_the_path(inputs: Inputs) -> None:
    """In another argument a dot is a dot, as in a number."""
    more = Inputs(inputs.root, inputs.checkout, {**inputs.files, "c.csv": "3" * 40}, "tea-1")

    assert found(inputs, ".")["."][0] == "checkout"
    assert found(inputs, ".") != found(more, ".")
    assert not found(inputs, ".", kind="trainer")
    assert dict(inputs.of({"decimal": "."}, "data")) == {}


@pytest.mark.parametrize("text", ["д" * 200, "x" * 256, "a/" * 3000, "a/" * 2046, "a\0b", "\ud800x", ""])
def test_a_text_that_can_be_no_path_is_none(inputs: Inputs, text: str) -> None:
    """However long a query is, in whichever alphabet."""
    assert found(inputs, text) == {}


def test_a_deployer_reads_files_and_writes_folders(inputs: Inputs) -> None:
    """A folder that the commit has too is where its model goes."""
    assert found(inputs, "data/a.csv", kind="deployer")["data/a.csv"][0] == "checkout/data/a.csv"
    assert not found(inputs, "data", kind="deployer")
    assert not found(inputs, "data/c.csv", kind="deployer")


def test_a_pointer_of_git_lfs_is_refused(inputs: Inputs) -> None:
    """It would be read as data."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4' * 64}\nsize 12345\n"
    (inputs.checkout / "data/b.csv").write_text(pointer)

    for text in ("data", "data/b.csv", "data/*.csv"):
        with pytest.raises(UsageError, match=r"'data/b\.csv' is a pointer of Git LFS"):
            found(inputs, text)
    assert found(inputs, "data/a.csv")
