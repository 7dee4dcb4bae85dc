"""``zenrepo datasources``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zenrepo.cli.output import complain, say, show, show_json, show_table, when
from zenrepo.cli.watch import finish, watch
from zenrepo.datasources import Datasource, DatasourceCommit, by_name, names
from zenrepo.errors import PipelineFileError
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal

_SHORT = 12


class _NameOrCommand(TyperGroup):
    """Takes ``datasources tea`` as ``datasources show tea``, and nothing at all as ``datasources list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the word that was left out."""
        if args[:1] != ["--help"]:
            if not args or args[0].startswith("-"):
                args = ["list", *args]
            elif args[0] not in self.commands:
                args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_NameOrCommand, help="Versioned data: list datasources, show one, or commit its data as it is now."
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The datasource.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the datasources of the working tree, with their newest commits."""
    layout = locate()
    found: list[Datasource] = []
    broken: list[PipelineFileError] = []
    for name in names(layout):
        try:
            found.append(by_name(layout, name))
        except PipelineFileError as error:
            broken.append(error)
    if as_json:
        show_json([{**_plain(each), "commits": [_plain_commit(commit) for commit in each.commits]} for each in found])
    else:
        show_table(("datasource", "step", "commits", "newest", "rows", "committed"), map(_row, found))
    for refused in broken:
        complain(refused)


@app.command("show")
def show_one(name: Name, as_json: AsJson = False) -> None:
    """Show a datasource's commits, newest first, and the columns of the newest."""
    datasource = by_name(locate(), name)
    commits = datasource.commits
    if as_json:
        show_json({**_plain(datasource), "commits": [_plain_commit(commit) for commit in commits]})
        return
    show(f"datasource '{name}' reads with {datasource.type}")
    rows = ((c.id[:_SHORT], when(c.time), c.rows, c.git_commit[:7], c.run) for c in commits)
    show_table(("commit", "committed", "rows", "git", "run"), rows)
    if commits:
        show("columns: " + ", ".join(f"{column} {kind}" for column, kind in commits[0].columns.items()))
        for note in commits[0].notes:
            show(f"note: {note}")


@app.command()
def commit(name: Name) -> None:
    """Read a datasource's data as it is now and keep it as a commit."""
    layout = locate()
    datasource = by_name(layout, name)
    before = {each.id for each in datasource.commits}
    queued = datasource.queue()
    say(f"queued run {queued.number}, which reads datasource '{name}' at {queued.commit[:7]}")
    with Journal(layout.runs_db) as journal:
        watch(layout, journal, queued.number)
        run = journal.run(queued.number)
        finish(run)
    kept = datasource.get_commit(datasource.commit_of(run))
    what = "the data is the same as in" if kept.id in before else "made"
    show(f"{what} commit {kept.id[:_SHORT]} of '{name}': {kept.rows} rows")


def _row(datasource: Datasource) -> tuple[object, ...]:
    commits = datasource.commits
    newest = (commits[0].id[:_SHORT], commits[0].rows, when(commits[0].time)) if commits else ("", "", "")
    return (datasource.name, datasource.type, len(commits), *newest)


def _plain(datasource: Datasource) -> dict[str, Any]:
    return {"name": datasource.name, "type": datasource.type, "args": datasource.args}


def _plain_commit(commit: DatasourceCommit) -> dict[str, Any]:
    return {
        "id": commit.id,
        "time": commit.time,
        "rows": commit.rows,
        "columns": commit.columns,
        "notes": commit.notes,
        "git_commit": commit.git_commit,
        "run": commit.run,
    }
