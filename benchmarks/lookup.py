"""Look-ups among many versions, in P, the CPU of ``python -c pass``; baseline, the same with a thousand."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks import history
from benchmarks.measure import cpu, git, show, unit, zenrepo


def fill(database: Path, versions: int) -> None:
    """Add rows of other step types, until the index has so many."""
    with closing(sqlite3.connect(database)) as connection, connection:
        [(commit,)] = connection.execute('select "commit" from versions limit 1')
        row = "insert into versions values (null, ?, ?, ?, 'trainer', 'class', '', 'a.py', 0, 'Ada', 'subject')"
        connection.executemany(row, ((f"other.Step{n % 500}", commit, f"{n:064x}") for n in range(versions)))


def main() -> None:
    """Print the cost of each look-up."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "repository")
        history.make(folder, 300)
        git(folder, "config", "user.name", "Ada")
        git(folder, "config", "user.email", "ada@example.org")
        p = unit(folder)
        lookup = zenrepo("steps", "--type", "steps.m0.Step0")
        rows.append(("zenrepo --version", cpu(zenrepo("--version"), folder) / p))
        cpu(lookup, folder, repeats=1)
        database = folder / ".git/zenml/index.db"
        for versions in (1_000, 100_000):
            fill(database, versions)
            cpu(lookup, folder, repeats=1)
            rows.append((f"zenrepo steps --type, {versions} versions", cpu(lookup, folder) / p))

        def commit() -> None:
            git(folder, "commit", "--quiet", "--allow-empty", "--message", "one more")

        rows.append(("the same after one new commit", cpu(lookup, folder, before=commit) / p))
    show(f"look-ups (in P: {p * 1000:.0f} ms)", ("command", "P"), rows)
