"""The rows of the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zenrepo.index.file import IndexFile
from zenrepo.values import NamedTuple

_AT_ONCE = 500
_GRAFTS = "grafts"


class VersionRow(NamedTuple):
    """A commit that gave a step type a code digest which none of its parents had.

    Args:
        number: counts up from parents to children.
        type: the step type.
        commit: the commit's id.
        code_digest: the identity of the version.
        kind: the interface of the step.
        change: ``new``, ``moved``, ``class``, ``module``, or ``helper`` and the files that changed.
        origin: the step type that a moved one had before; empty for any other.
        path: the file that defines the step.
        time: when the commit was written, in seconds since 1970.
        author: the commit's author.
        subject: the first line of its message.
        clock: the commit's time, or a second after its latest parent's where the clocks of two machines disagree: what
            orders commits, the same in every clone.
    """

    number: int
    type: str
    commit: str
    code_digest: str
    kind: str
    change: str
    origin: str
    path: str
    time: int
    author: str
    subject: str
    clock: int


class Reach(NamedTuple):
    """Which of the version rows a commit's history does not have: those that stand in ``unreached`` under a number.

    Args:
        reach: the number.
        commit: the commit.
        newest: the number of the newest version row that was looked at.
    """

    reach: int
    commit: str
    newest: int


class Index(IndexFile):
    """The rows of one index file, which takes the same arguments and raises the same errors."""

    def tips(self) -> set[str]:
        """Give the commits whose whole history is in the index."""
        return {sha for (sha,) in self._database.execute('select "commit" from tips')}

    def set_tips(self, tips: Iterable[str]) -> None:
        """Say which commits have their whole history in the index."""
        self._database.execute("delete from tips")
        self._database.executemany("insert into tips values (?)", [(sha,) for sha in tips])

    def grafts(self) -> str:
        """Give where history was cut off or replaced when it was read."""
        return self.note(_GRAFTS) or ""

    def clear(self, grafts: str) -> None:
        """Forget every commit, though not what was read of blobs, and say where history is cut off or replaced."""
        for table in ("versions", "tips", "clocks", "reaches", "unreached", "snapshots"):
            self._database.execute(f"delete from {table}")  # noqa: S608  (names that stand here)
        self.keep_note(_GRAFTS, grafts)

    def facts(self, blobs: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Give what is known of some blobs: (blob, facts, the Python that could not read it or nothing)."""
        for start in range(0, len(blobs), _AT_ONCE):
            part = blobs[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            yield from self._database.execute(f"select * from blobs where blob in ({marks})", part)  # noqa: S608  (marks)

    def add_facts(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Keep what was read of blobs: (blob, facts, python)."""
        self._database.executemany("insert or replace into blobs values (?, ?, ?)", rows)

    def files_of(self, commit: str) -> str | None:
        """Give the files that a commit holds; ``None`` where they were not kept."""
        found = self._database.execute('select files from snapshots where "commit" = ?', (commit,)).fetchone()
        return _decoded(found)

    def steps_of(self, commit: str) -> str | None:
        """Give the step versions that a commit holds; ``None`` where they were not kept."""
        found = self._database.execute('select steps from snapshots where "commit" = ?', (commit,)).fetchone()
        return _decoded(found)

    def keep_snapshot(self, commit: str, files: str, steps: str, at_most: int) -> None:
        """Keep what a commit holds, and forget what was kept longest ago."""
        self._database.execute(
            "insert or replace into snapshots values (?, ?, ?)", (commit, _encoded(files), _encoded(steps))
        )
        self._database.execute(
            "delete from snapshots where rowid <= (select max(rowid) from snapshots) - ?", (at_most,)
        )

    def clock(self, commit: str) -> int:
        """Give the clock of a commit; see `VersionRow`."""
        found = self._database.execute('select clock from clocks where "commit" = ?', (commit,)).fetchone()
        return found[0] if found else 0

    def keep_clocks(self, clocks: dict[str, int]) -> None:
        """Keep the clocks of commits."""
        self._database.executemany("insert or replace into clocks values (?, ?)", sorted(clocks.items()))

    def add_versions(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Add rows of `VersionRow` without their number."""
        self._database.executemany(
            'insert into versions (type, "commit", code_digest, kind, change, origin, path, time, author, subject,'
            " clock) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def forget(self, commits: set[str]) -> None:
        """Drop the rows of commits that no ref reaches any more."""
        if commits:
            numbers = [(number,) for number in self.rows_of(commits)]
            self._database.executemany("delete from versions where number = ?", numbers)
            self._database.executemany("delete from unreached where number = ?", numbers)
            self._database.executemany('delete from clocks where "commit" = ?', ((sha,) for sha in commits))

    def versions(self, step_type: str | None = None) -> list[VersionRow]:
        """Give the rows of one step type, or of all, oldest first."""
        which = "" if step_type is None else "where type = :type"
        found = self._database.execute(f"select * from versions {which} order by number", {"type": step_type})  # noqa: S608  (text that stands here)
        return [VersionRow(*row) for row in found]

    def versions_in(self, commit: str) -> list[VersionRow]:
        """Give the rows of one commit."""
        found = self._database.execute('select * from versions where "commit" = ? order by number', (commit,))
        return [VersionRow(*row) for row in found]

    def note(self, about: str, blob: str = "") -> str | None:
        """Give a note about a blob, or about the index itself where no blob is named; ``None`` where there is none."""
        found = self._database.execute("select facts from files where file = ?", (f"{blob} {about}",)).fetchone()
        return found[0] if found else None

    def keep_note(self, about: str, note: str, blob: str = "") -> None:
        """Keep what little was read of a blob, such as the settings, whose YAML is thus parsed once."""
        self._database.execute("insert or replace into files values (?, ?)", (f"{blob} {about}", note))

    def pipeline(self, path: str, blob: str) -> str | None:
        """Give what was kept of a pipeline file; ``None`` where nothing was."""
        found = self._database.execute("select facts from pipelines where file = ?", (f"{blob} {path}",)).fetchone()
        return _decoded(found)

    def keep_pipeline(self, path: str, blob: str, facts: str) -> None:
        """Keep what was read of a pipeline file, likewise."""
        self._database.execute("insert or replace into pipelines values (?, ?)", (f"{blob} {path}", _encoded(facts)))

    def newest_row(self) -> int:
        """Give the number of the newest version row that ever was; 0 where there was none."""
        found = self._database.execute("select seq from sqlite_sequence where name = 'versions'").fetchone()
        return found[0] if found else 0

    def rows_of(self, commits: set[str]) -> set[int]:
        """Give the numbers of the version rows of some commits."""
        if len(commits) > _AT_ONCE:
            found = self._database.execute('select number, "commit" from versions')
            return {number for number, commit in found if commit in commits}
        marks = ",".join("?" * len(commits))
        found = self._database.execute(f'select number from versions where "commit" in ({marks})', list(commits))  # noqa: S608  (marks)
        return {number for (number,) in found}

    def reach(self, commit: str | None = None) -> Reach | None:
        """Give what was kept by `keep_reach` for a commit, or what was kept last."""
        found = self._database.execute(
            'select * from reaches where :commit is null or "commit" = :commit order by reach desc limit 1',
            {"commit": commit},
        ).fetchone()
        return Reach(*found) if found else None

    def keep_reach(self, commit: str, at_most: int) -> Reach:
        """Begin to keep which rows a commit's history does not have, none so far, and forget the oldest of many."""
        made = self._database.execute('insert into reaches ("commit", newest) values (?, 0)', (commit,)).lastrowid
        assert made is not None
        for table in ("reaches", "unreached"):
            self._database.execute(f"delete from {table} where reach <= ?", (made - at_most,))  # noqa: S608  (names that stand here)
        return Reach(made, commit, 0)

    def change_reach(self, reach: Reach, missing: Iterable[int], held: Iterable[int]) -> None:
        """Note, under its number, the commit of a reach, the newest row, and rows that it does not have, or has."""
        number = reach.reach
        self._database.executemany("insert or ignore into unreached values (?, ?)", ((number, n) for n in missing))
        self._database.executemany("delete from unreached where reach = ? and number = ?", ((number, n) for n in held))
        self._database.execute(
            'update reaches set "commit" = ?, newest = ? where reach = ?', (reach.commit, reach.newest, number)
        )

    def copy_unreached(self, old: Reach, new: Reach) -> None:
        """Begin a reach with the rows of another."""
        self._database.execute(
            "insert into unreached select ?, number from unreached where reach = ?", (new.reach, old.reach)
        )

    def rows_after(self, newest: int) -> set[int]:
        """Give the numbers of the version rows that came after one."""
        return {n for (n,) in self._database.execute("select number from versions where number > ?", (newest,))}

    def unreached(self, reach: Reach, step_types: Iterable[str]) -> set[int]:
        """Give the numbers of the version rows of some step types that a commit's history does not have."""
        question = "select number from versions join unreached using (number) where type = ? and reach = ?"
        return {n for name in step_types for (n,) in self._database.execute(question, (name, reach.reach))}

    def types(self) -> list[str]:
        """Give every step type that any commit holds."""
        return [name for (name,) in self._database.execute("select distinct type from versions order by type")]


def _encoded(names: str) -> bytes:
    """Write names that need not be text: git knows paths of any bytes, and SQLite takes no such text."""
    return names.encode("utf-8", "surrogatepass")


def _decoded(found: tuple[bytes] | None) -> str | None:
    return found[0].decode("utf-8", "surrogatepass") if found else None
