"""The short way to the look-ups says what typer says, and imports next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository
from zenrepo.cli.app import make_app
from zenrepo.cli.hot import COMMANDS


def test_its_table_agrees_with_typer() -> None:
    """Every option of the table is one of typer's, of the same name and kind; what is missing goes through typer."""
    commands = typer.main.get_command(make_app()).commands
    for name, (_, options) in COMMANDS.items():
        command = getattr(commands[name], "commands", {}).get(
            "list", commands[name]
        )  # that of a group lists by default
        declared = {
            flag: (parameter.name, not parameter.is_flag) for parameter in command.params for flag in parameter.opts
        }
        assert options.items() <= declared.items()
        assert declared.keys() - options.keys() <= {"--diff", "--help"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["steps", "--json"], 0),
        (["steps", "--all", "--json"], 0),
        (["steps", "--type", "nothing"], 2),
        (["steps", "--show"], 2),
        (["--version"], 0),
        (["runs"], 0),
        (["runs", "--state", "queued", "-n", "3", "--json"], 0),
        (["runs", "--state", "lost"], 2),
    ],
)
def test_both_ways_give_the_same_answer(
    repository: GitRepository, zenrepo: Zenrepo, words: list[str], code: int
) -> None:
    """Output, messages and exit codes do not depend on the way; ``--debug`` takes the long one."""
    zenrepo(repository.path, "init", "--no-hooks")
    repository.commit({"a.py": "from zenrepo.steps import DataStep\nclass A(DataStep): pass\n"})
    short = zenrepo(repository.path, *words, code=code)
    script = "from zenrepo.cli.app import run; run()"
    long = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=repository.path, capture_output=True, text=True, check=False
    )

    assert (short.stdout, short.stderr, short.returncode) == (long.stdout, long.stderr, long.returncode)


@pytest.mark.parametrize("limit", ["none", "0"])
def test_what_the_short_way_cannot_read_is_refused_on_the_long_one(
    repository: GitRepository, zenrepo: Zenrepo, limit: str
) -> None:
    """Typer's message, not a traceback."""
    zenrepo(repository.path, "init", "--no-hooks")

    assert "'--limit' / '-n'" in zenrepo(repository.path, "runs", "--limit", limit, code=2).stderr


COSTLY = {
    *("tensorflow", "tfx", "apache_beam", "ml_metadata", "numpy", "pandas", "dulwich", "typer", "rich", "yaml"),
    *("sqlite_utils", "filelock", "msgspec", "typing", "re", "enum", "json", "pathlib", "subprocess", "dataclasses"),
    *("contextlib", "ast", "hashlib", "logging", "argparse", "importlib.metadata", "tempfile", "threading"),
}
"""What costs a look-up more than its work, in the standard library too."""


@pytest.mark.imports
@pytest.mark.parametrize(("words", "most"), [(["steps", "--type", "a.A"], 76), (["--version"], 5)])
def test_a_look_up_imports_next_to_nothing(
    repository: GitRepository, zenrepo: Zenrepo, words: list[str], most: int
) -> None:
    """Nothing costly, and few modules at all; ``-S`` keeps what the environment imports at its start out of it."""
    zenrepo(repository.path, "init", "--no-hooks")
    repository.commit({"a.py": "from zenrepo.steps import DataStep\nclass A(DataStep): pass\n"})
    zenrepo(repository.path, "steps")
    script = (
        f"import sys; sys.path += {sys.path!r}; before = set(sys.modules)\nimport zenrepo.cli\nzenrepo.cli.main()\n"
        "print(' '.join(sorted(set(sys.modules) - before)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *words],
        cwd=repository.path,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stderr.split())
    assert "zenrepo.cli" in loaded
    assert not COSTLY & loaded
    assert len(loaded) <= most
