"""Which data the arguments of a step name, and what its digest follows from."""

from __future__ import annotations

from pathlib import Path

import pytest

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
