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
        declared = {
            flag: (parameter.name, not parameter.is_flag)
            for parameter in commands[name].params
            for flag in parameter.opts
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


@pytest.mark.parametrize("words", [["steps", "--type", "a.A"], ["--version"]])
def test_a_look_up_imports_nothing_heavy(repository: GitRepository, zenrepo: Zenrepo, words: list[str]) -> None:
    """Neither the heavy libraries nor those of the command line."""
    zenrepo(repository.path, "init", "--no-hooks")
    repository.commit({"a.py": "from zenrepo.steps import DataStep\nclass A(DataStep): pass\n"})
    zenrepo(repository.path, "steps")
    script = (
        "import sys, zenrepo.cli\nzenrepo.cli.main()\n"
        "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=repository.path, capture_output=True, text=True, check=True
    )

    unwanted = {
        "tensorflow",
        "tfx",
        "apache_beam",
        "ml_metadata",
        "numpy",
        "pandas",
        "dulwich",
        "typer",
        "rich",
        "yaml",
    }
    assert not unwanted & set(done.stderr.split())
