"""Data that is no file: SQL databases, on real servers, and TensorFlow Datasets."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.steps.reading import ingest
from zenrepo.errors import DataError, StepArgumentError, StepFailed
from zenrepo.steps import SQLDataStep, TFDSDataStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]
POSTGRES = [shutil.which(name) for name in ("initdb", "postgres")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tea(here: Path) -> str:
    """A SQLite file with a table of teas."""
    with sqlite3.connect(here / "tea.db") as database:
        database.execute("create table tea (name text, minutes int, degrees real, raw blob, odd)")
        rows = [("green", 2, 70.5, b"\x01", 1), ("black", None, 95.0, None, "x"), ("mint", 5, 100.0, b"", None)]
        database.executemany("insert into tea values (?, ?, ?, ?, ?)", rows)
    database.close()
    return "sqlite:///tea.db"


def test_a_query_on_sqlite_gives_examples(here: Path, tea: str) -> None:
    """In chunks of any size, with missing values, whose types follow from all rows."""
    query = "select name, minutes, degrees, raw, minutes = 2 as 'fast:er' from tea order by name"
    found = ingest(SQLDataStep(url=tea, query=query, chunk_rows=2), here)

    assert sorted(found.rows, key=lambda row: row["name"]) == [
        {"name": "black", "degrees": 95.0},
        {"name": "green", "minutes": 2, "degrees": 70.5, "raw": "\x01", "fast:er": 1},
        {"name": "mint", "minutes": 5, "degrees": 100.0, "raw": "", "fast:er": 0},
    ]


def test_values_that_do_not_go_together_need_a_schema(here: Path, tea: str) -> None:
    """The column is named, whether they meet in one chunk or in two."""
    query = "select odd from tea"
    for chunk in (1, 10):
        with pytest.raises(DataError, match="column 'odd'"):
            ingest(SQLDataStep(url=tea, query=query, chunk_rows=chunk), here)
    given = SQLDataStep(url=tea, query=query, schema={"odd": "string"})
    assert sorted(str(v) for v in ingest(given, here / "2").column("odd")) == ["1", "None", "x"]


def test_what_a_database_refuses_is_said(here: Path, tea: str) -> None:
    """A table, a file and a driver that are not there, no rows, and two columns of one name."""
    for url, query, message in [
        (tea, "select * from coffee", "no such table: coffee"),
        ("sqlite:///none.db", "select 1", r"none\.db: no such file"),
        (tea, "select * from tea where 0", "the query: gives no rows"),
        (tea, "select name, minutes as name from tea", "column 'name': gives two columns of this name"),
        ("nosuch://x", "select 1", "'url' cannot be used"),
    ]:
        with pytest.raises(DataError, match=message):
            ingest(SQLDataStep(url=url, query=query), here)
    with pytest.raises(StepFailed, match="driver 'MySQLdb' is not installed"):
        ingest(SQLDataStep(url="mysql://x", query="select 1"), here)


def test_a_password_is_neither_recorded_nor_shown(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to be an environment variable, and errors show its name."""
    for url in ("postgresql+psycopg://me:secret@nowhere/tea", "postgresql+psycopg://nowhere/tea?password=secret"):
        with pytest.raises(StepArgumentError, match="url has a password, which would be recorded"):
            SQLDataStep(url=url, query="select 1")
    step = SQLDataStep(url="${TEA_DB}", query="select 1")
    with pytest.raises(DataError, match="environment variable 'TEA_DB', which 'url' names, is not set"):
        ingest(step, here)
    monkeypatch.setenv("TEA_DB", "nosuch://me:secret@nowhere/tea")
    with pytest.raises(DataError) as refused:
        ingest(step, here)

    assert "secret" not in str(refused.value)
    assert step.args == {"url": "${TEA_DB}", "query": "select 1"}


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL server of this test's own, with a password; its address."""
    if not all(POSTGRES):
        pytest.skip("no PostgreSQL server is installed: initdb and postgres are not on the PATH")
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path("/tmp") / f"zenrepo-{os.getpid()}"  # a socket's path has to be short, and others may enter here
    folder.mkdir()
    os.chown(folder, user.pw_uid, user.pw_gid)
    (folder / "password").write_text("s3:@/cret")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "cwd": folder} if os.getuid() == 0 else {}
    made = [str(POSTGRES[0]), "-D", str(folder / "data"), "-A", "scram-sha-256", "-U", "me"]
    subprocess.run([*made, "--pwfile", str(folder / "password")], check=True, capture_output=True, **as_user)
    listens = ["-c", f"unix_socket_directories={folder}", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(
        [str(POSTGRES[1]), "-D", str(folder / "data"), "-p", str(port), *listens],
        stderr=subprocess.DEVNULL,
        **as_user,
    )
    try:
        _wait(port)
        yield f"postgresql+psycopg://me:${{TEA_PASSWORD}}@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _wait(port: int) -> None:
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="me", password="s3:@/cret", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


def test_a_query_on_postgresql_gives_examples(here: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its types become features, chunk by chunk; a wrong password is said without showing it."""
    monkeypatch.setenv("TEA_PASSWORD", "s3:@/cret")
    query = """
        select n, n::numeric / 4 as quarter, n % 2 = 0 as even, date '2024-01-01' + n as day, array[n, n + 1] as pair,
               json_build_object('n', n)::jsonb as said, case when n > 1 then 'tea' end as name, 'a:b'::text as colon
        from generate_series(1, 5) as n
    """
    found = ingest(SQLDataStep(url=postgres, query=query, chunk_rows=2), here)
    rows = sorted(found.rows, key=lambda row: row["n"])

    first = {
        "n": 1,
        "quarter": 0.25,
        "even": 0,
        "day": "2024-01-02",
        "pair": [1, 2],
        "said": '{"n": 1}',
        "colon": "a:b",
    }
    assert rows[0] == first
    assert [row.get("name") for row in rows] == [None, "tea", "tea", "tea", "tea"]
    assert "column 'day' holds date32[day] and is kept as text" in found.notes

    monkeypatch.setenv("TEA_PASSWORD", "guessed")
    with pytest.raises(DataError, match="password authentication failed") as refused:
        ingest(SQLDataStep(url=postgres, query="select 1"), here / "2")
    assert "guessed" not in str(refused.value)


def test_a_library_that_is_missing_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra was not installed."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)

    for step, extra in [
        (SQLDataStep(url="sqlite://", query="select 1"), "sql"),
        (TFDSDataStep(name="mnist", version="3.0.1"), "tfds"),
    ]:
        with pytest.raises(StepFailed, match="which is not installed here") as refused:
            step.read_from_source()
        assert refused.value.hint == f"pip install 'zenrepo[{extra}]'"


def tiny(n: int) -> dict[str, Any]:
    """Make an example."""
    import numpy as np

    return {"picture": np.full((2, 3, 3), n, np.uint8), "label": n % 2, "said": {"name": f"tea {n}"}, "x": [n / 2] * 2}


def prepared(folder: Path) -> None:
    """Prepare a small data set as TensorFlow Datasets do, without a download."""
    import numpy as np
    import tensorflow_datasets as tfds

    tfds.dataset_builders.store_as_tfds_dataset(
        name="tiny_teas",
        version="1.2.0",
        data_dir=str(folder),
        split_datasets={"train": [(f"key {n}", tiny(n)) for n in range(4)]},
        features=tfds.features.FeaturesDict(
            {
                "picture": tfds.features.Image(shape=(2, 3, 3)),
                "label": tfds.features.ClassLabel(names=["green", "black"]),
                "said": {"name": tfds.features.Text()},
                "x": tfds.features.Tensor(shape=(2,), dtype=np.float32),
            }
        ),
    )


def test_a_prepared_data_set_is_read(here: Path) -> None:
    """Pictures stay encoded, nested fields get dots, a part of a split may be asked for."""
    prepared(here / "sets")
    args: dict[str, Any] = {"name": "tiny_teas", "version": "1.2.0", "data_dir": "sets"}
    rows = sorted(ingest(TFDSDataStep(**args), here / "1").rows, key=lambda row: row["said.name"])

    assert [row["label"] for row in rows] == [0, 1, 0, 1]
    assert rows[1]["x"] == [0.5, 0.5]
    assert rows[0]["picture"].startswith(b"\x89PNG")
    assert len(ingest(TFDSDataStep(**args, split="train[:50%]"), here / "2").rows) == 2
    with pytest.raises(DataError, match="has no split 'test'"):
        ingest(TFDSDataStep(**args, split="test"), here / "3")


def test_a_data_set_that_is_not_there_is_not_downloaded(here: Path) -> None:
    """It is named, with the version; a version has to be given in full."""
    with pytest.raises(DataError, match=r"mnist:3\.0\.1"):
        ingest(TFDSDataStep(name="mnist", version="3.0.1", data_dir="sets"), here)
    with pytest.raises(StepArgumentError, match="not one in full"):
        TFDSDataStep(name="mnist", version="3.*.*")
