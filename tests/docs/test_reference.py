"""Everything that a user can type or write has its place in the reference."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import typer

from tests.docs.pages import DOCS, Page
from zenrepo import errors, steps
from zenrepo.cli.app import make_app
from zenrepo.config import CaptureSettings, Config
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import PipelineFile, StepEntry
from zenrepo.pipeline_files.limits import Retries
from zenrepo.pipeline_files.order import ORDERS
from zenrepo.pipeline_files.trigger import Trigger
from zenrepo.pipelines import TrainingPipeline
from zenrepo.repo import Repository
from zenrepo.sources.shipped import INTERFACES, STANDARD
from zenrepo.steps import BaseStep
from zenrepo.user_config import UserConfig, WorkerSettings

REFERENCE = DOCS / "reference"
NAMED = "<name>."
"""How the reference writes the keys of a map whose keys a user chooses."""


def text_of(name: str) -> str:
    """Give a page of the reference."""
    return Page(REFERENCE / name).text


def section(text: str, title: str) -> str:
    """Give what stands below a heading of the second level, up to the next; empty where it is missing."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def rows(text: str) -> dict[str, str]:
    """Give the rows of all tables by what stands between backquotes in their first cells."""
    found = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            cells = re.split(r"(?<!\\)\|", line)
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", cells[1]), line)
    return found


def commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Give every command with the words that a user types."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


APP = typer.main.get_command(make_app())
COMMANDS = dict(commands(APP, "zenrepo"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described(name: str) -> None:
    """Each command has a section, with a row for each option and argument, and no row for another."""
    said = section(text_of("cli.md"), name)
    described = {word.split()[0].strip("[]") for word in rows(said)}
    taken = {option for p in COMMANDS[name].params for option in _words(p) if option != "--help"}

    assert said, f"cli.md has no section '## {name}'"
    assert described == taken


def test_the_options_of_all_commands_are_described() -> None:
    """What stands before the command has a row each."""
    described = {word.split()[0] for word in rows(text_of("cli.md").partition("\n## ")[0])}

    assert described == {option for p in APP.params for option in _words(p) if option != "--help"}


def test_no_command_is_described_that_is_not_there() -> None:
    """A section about a command is about one that there is."""
    titles = re.findall(r"^## (zenrepo .*)$", text_of("cli.md"), re.MULTILINE)

    assert sorted(titles) == sorted(COMMANDS)


def standard_steps() -> str:
    """Give the pages of the standard steps, one for each kind, as one text."""
    return "\n".join(Page(path).text for path in sorted(REFERENCE.glob("*-steps.md")))


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_step_is_described(name: str) -> None:
    """Each standard step has a section, with each argument and its default."""
    said = section(standard_steps(), name)
    described = rows(said)
    taken = dict(list(inspect.signature(getattr(steps, name).__init__).parameters.items())[1:])

    assert said, f"no page of standard steps has a section '## {name}'"
    for argument, parameter in taken.items():
        assert argument in described, f"{name}: '{argument}' is not described"
        if parameter.default is inspect.Parameter.empty:
            assert "| required |" in described[argument]
        elif parameter.default is not None:
            assert f"| `{json.dumps(parameter.default)}` |" in described[argument]


def test_every_exported_step_is_an_interface_or_a_standard_step() -> None:
    """What ``zenrepo.steps`` exports, and what is described as such, is the same."""
    titles = re.findall(r"^## (\w+)$", standard_steps(), re.MULTILINE)
    exported = {name for name in steps.__all__ if issubclass(getattr(steps, name), BaseStep)}

    assert sorted(name for name in titles if name.isidentifier() and hasattr(steps, name)) == sorted(STANDARD)
    assert exported == {*INTERFACES, *STANDARD}


def test_every_interface_has_a_worked_example() -> None:
    """The how-to has a section for each interface that can stand in a pipeline."""
    text = Page(DOCS / "how-to" / "write-a-step.md").text

    for name in sorted(INTERFACES.keys() - {"BaseStep"}):
        assert f"({name}):" in section(text, name), f"write-a-step.md has no example of {name}"


def _error_classes() -> dict[str, type[errors.ZenrepoError]]:
    found = vars(errors).items()
    return {name: cls for name, cls in found if isinstance(cls, type) and issubclass(cls, errors.ZenrepoError)}


@pytest.mark.parametrize("name", _error_classes())
def test_an_error_is_described_with_its_exit_code(name: str) -> None:
    """Each class has a row with its code, and each code has one with its meaning."""
    text = text_of("errors.md")
    code = _error_classes()[name].exit_code

    assert rows(text)[name].startswith(f"| `{name}` | {code} |")
    assert f"\n| {code} | " in text


@pytest.mark.parametrize(
    ("page", "kind", "prefix"),
    [
        ("config.md", Config, ""),
        ("config.md", CaptureSettings, "captured."),
        ("config.md", UserConfig, ""),
        ("config.md", WorkerSettings, "worker."),
        ("pipeline-file.md", PipelineFile, ""),
        ("pipeline-file.md", Trigger, "trigger."),
        ("pipeline-file.md", StepEntry, f"steps.{NAMED}"),
        ("pipeline-file.md", Retries, f"steps.{NAMED}retries."),
    ],
)
def test_the_keys_of_a_file_are_described(page: str, kind: type[msgspec.Struct], prefix: str) -> None:
    """Each key has a row."""
    described = rows(text_of(page))

    for field in msgspec.structs.fields(kind):
        assert f"{prefix}{field.encode_name}" in described


def test_the_words_of_a_pipeline_file_are_described() -> None:
    """Each event of a trigger and each kind of pipeline is named."""
    described = rows(text_of("pipeline-file.md"))

    assert all(f"`{event}`" in described["trigger.on"] for event in rules.EVENTS)
    assert all(f"`{kind}`" in described["kind"] for kind in ORDERS)


@pytest.mark.parametrize("cls", [Repository, TrainingPipeline, BaseStep])
def test_the_python_api_is_described(cls: type) -> None:
    """Each public member of the classes that users call has a row."""
    pages = ("python-api.md", "repository.md", "pipelines.md")
    described = {word.partition("(")[0] for page in pages for word in rows(text_of(page))}
    public = {name for name in {*dir(cls), *cls.__annotations__} if not name.startswith("_")}

    assert public <= described


def test_the_words_of_the_journal_are_described() -> None:
    """Each state of a run is named where runs are listed."""
    from zenrepo.runs import journal

    said = section(text_of("cli.md"), "zenrepo runs list")

    assert all(f"`{state}`" in said for state in (journal.QUEUED, journal.RUNNING, *journal.ENDED))


def test_what_a_notification_is_told_is_described() -> None:
    """Each variable has a row."""
    from zenrepo.runs.watching.notify import VARIABLES

    described = rows(Page(DOCS / "how-to" / "be-told-when-a-run-ends.md").text)

    assert {name for name in described if name.startswith("ZENREPO_")} == {f"ZENREPO_{n.upper()}" for n in VARIABLES}


def _words(parameter: Any) -> list[str]:
    """Say how a user writes an option or an argument."""
    if parameter.param_type_name == "argument":
        return [(parameter.metavar or parameter.name.upper()).strip("[]")]
    return [*parameter.opts, *parameter.secondary_opts]
