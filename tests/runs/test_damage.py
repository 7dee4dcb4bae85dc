"""A journal that is damaged is mended: what can be read stays, the damaged file is kept, and no number comes again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import Damaged
from zenrepo.flows import lookup
from zenrepo.git.locate import locate
from zenrepo.runs.journal import COMPLETE, QUEUED, Journal
from zenrepo.runs.plan import Plan

MANY = 400
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of many runs, the last of them queued, as one file."""
    path = tmp_path / "zenml" / "runs.db"
    with Journal(path) as journal:
        with journal.writing():
            for number in range(1, MANY + 1):
                journal._database.execute(
                    'insert into runs (pipeline, "commit", root, state, queued) values (?, ?, ?, ?, ?)',
                    ("tea", f"{number:040x}", "/r", COMPLETE if number < MANY else QUEUED, 1.0),
                )
        journal.use(3, [("steps.a.A", "ee")])
    with sqlite3.connect(path) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    database.close()
    return path


def overwrite(path: Path, at: int, size: int) -> None:
    """Write what is no page into a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * size)


def page_of_run(path: Path, number: int) -> int:
    """Find where in the file the page with the row of a run begins."""
    return path.read_bytes().index(f"{number:040x}".encode()) // PAGE * PAGE


def mended(path: Path) -> tuple[str, list[int]]:
    """Use a journal until it is mended; give what was said, and the numbers that are in the new one."""
    with pytest.raises(Damaged) as caught, Journal(path) as journal:
        journal.check()
    with Journal(path) as journal:
        journal.check()
        return str(caught.value), [run.number for run in journal.runs()][::-1]


def test_a_page_that_was_overwritten_costs_its_own_runs(path: Path) -> None:
    """Those of all other pages are there, and so is the damaged file, as it was."""
    overwrite(path, page_of_run(path, MANY // 2), PAGE)
    before = path.read_bytes()

    said, numbers = mended(path)

    assert 1 <= MANY - len(numbers) < MANY // 3
    assert {1, MANY} <= set(numbers)
    [kept] = path.parent.glob("runs.db.broken-*")
    assert kept.read_bytes() == before
    assert said.startswith(f"the journal '{path}' is damaged: {len(numbers)} runs were read from it")
    assert str(kept) in said
    with Journal(path) as journal:
        assert journal.users() == {("steps.a.A", "ee"): [("tea", 3)]}
        assert journal.run(MANY).state == QUEUED
        assert journal.add("tea", "c" * 40, "/r", "asked for").number == MANY + 1


def test_a_header_of_rubbish_costs_nothing(path: Path) -> None:
    """The rows behind it are whole."""
    overwrite(path, 0, 100)

    assert mended(path)[1] == list(range(1, MANY + 1))


def test_a_truncated_journal_keeps_what_is_left(path: Path) -> None:
    """And nothing that is lost gets its number again."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // PAGE // 2 * PAGE)

    numbers = mended(path)[1]

    assert 0 < len(numbers) < MANY
    with Journal(path) as journal:
        assert journal.add("tea", "c" * 40, "/r", "asked for").number == MANY + 1


@pytest.mark.parametrize("content", [b"", b"no database\n" * 1000], ids=["empty", "rubbish"])
def test_runs_are_found_by_their_folders_where_nothing_is_left(path: Path, content: bytes) -> None:
    """Their pipeline, commit and end are there."""
    folder = path.parent / "runs" / "tea-7"
    folder.mkdir(parents=True)
    plan = Plan("tea-7", "tea", "", "cc", "", "/r", "", [], "", "", str(folder), cache=True, steps=[])
    (folder / "plan.json").write_text(json.dumps(asdict(plan)))
    (folder / "events.jsonl").write_text('{"event": "run", "state": "complete"}\n')
    path.write_bytes(content)

    said, numbers = mended(path)

    assert "and 1 from the folders of runs" in said
    assert numbers == [7]
    with Journal(path) as journal:
        run = journal.run(7)
        assert (run.pipeline, run.commit, run.root, run.state) == ("tea", "cc", "/r", COMPLETE)
        assert journal.add("tea", "c" * 40, "/r", "asked for").number == 8


def test_a_journal_that_lost_its_wal_gives_no_number_twice(tmp_path: Path) -> None:
    """The folders of the runs that it forgot are there."""
    path = tmp_path / "zenml" / "runs.db"
    with Journal(path) as journal:
        old = path.read_bytes()
        for number in (1, 2):
            journal.add("tea", "c" * 40, "/r", "asked for")
            (path.parent / "runs" / f"tea-{number}").mkdir(parents=True)
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    path.write_bytes(old)

    with Journal(path) as journal:
        assert [journal.add("tea", "c" * 40, "/r", "asked for").number for _ in range(2)] == [3, 4]


def test_whoever_holds_the_damaged_file_goes_over_to_the_new_one(path: Path) -> None:
    """A worker has its journal open for hours."""
    with Journal(path) as worker:
        overwrite(path, page_of_run(path, MANY // 2), PAGE)
        mended(path)

        taken = worker.take()
        assert taken is not None
        worker.end(taken.number, COMPLETE)

    with Journal(path) as journal:
        assert journal.run(MANY).state == COMPLETE


@pytest.mark.parametrize("damage", ["a page", "the header", "half of it", "all of it"])
def test_a_damaged_index_is_made_anew(repository: GitRepository, damage: str) -> None:
    """It is a cache: nobody needs to know."""
    repository.commit({".zenml/config.yaml": "version: 1\n"})
    for number in range(30):
        repository.commit(
            {f"steps/s{number}.py": f"from zenrepo.steps import CustomStep\nclass S{number}(CustomStep):\n    pass\n"}
        )
    layout = locate(repository.path)
    asked = lookup.versions(layout)
    path = layout.index_db
    with sqlite3.connect(path) as database:
        database.execute("pragma wal_checkpoint(truncate)")
        [[page]] = database.execute("select rootpage from sqlite_master where name = 'versions'").fetchall()
    database.close()
    where = {"a page": ((page - 1) * PAGE, PAGE), "the header": (0, 100)}
    if damage in where:
        overwrite(path, *where[damage])
    else:
        with path.open("r+b") as file:
            file.truncate(0 if damage == "all of it" else path.stat().st_size // 2)

    with suppress(Damaged):  # where the damage is met in the midst of a question
        lookup.versions(layout)

    assert lookup.versions(layout) == asked
