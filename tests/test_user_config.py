"""A user's own settings."""

from __future__ import annotations

import os

import pytest

from zenrepo import user_config
from zenrepo.errors import PipelineFileError
from zenrepo.user_config import UserConfig, WorkerSettings


@pytest.fixture
def file(home):
    """Give the file of this user's settings, in a folder that is there."""
    path = home / "config" / "zenrepo" / "config.yaml"
    path.parent.mkdir(parents=True)
    return path


def test_no_file_means_the_defaults():
    """Nobody needs settings of their own."""
    assert user_config.load() == UserConfig()


def test_it_lies_where_the_user_keeps_such_files(file):
    """$XDG_CONFIG_HOME is respected."""
    file.write_text("jobs: 2\n")

    assert user_config.path() == file
    assert user_config.load().jobs == 2


def test_every_key_is_read(file):
    """Commands as words or as a text for the shell, numbers, lengths of time."""
    file.write_text(
        "on_success: [notify-send, it is done]\non_failure: echo no >> log\njobs: 3\n"
        "worker: {idle: 1 h}\ndirty: refuse\n"
    )

    found = user_config.load()

    assert found == UserConfig(
        on_success=["notify-send", "it is done"],
        on_failure="echo no >> log",
        jobs=3,
        worker=WorkerSettings(idle="1 h"),
        dirty="refuse",
    )
    assert found.worker.idle_seconds == 3600


def test_the_file_that_one_starts_with_changes_nothing(file):
    """It is comments alone, and names every key with its default."""
    assert user_config.write_default() == file

    assert user_config.load() == UserConfig()
    lines = [line.removeprefix("# ") for line in file.read_text().splitlines()]
    uncommented = "\n".join(line for line in lines if line.partition(":")[0].isidentifier())
    said = user_config.read(uncommented.encode())
    assert (said.jobs, said.worker, said.dirty) == (UserConfig().jobs, UserConfig().worker, UserConfig().dirty)
    assert said.on_success
    assert said.on_failure


def test_the_file_that_one_starts_with_replaces_no_other(file):
    """What is there stays."""
    file.write_text("jobs: 2\n")

    user_config.write_default()

    assert file.read_text() == "jobs: 2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobs: 1\non_succes: x\n", ":2: unknown key 'on_succes'\nhint: did you mean 'on_success'?"),
        ("jobs: 0\n", ":1: 'jobs' is 0: nothing would ever run\nhint: write 1 or more"),
        ("jobs: many\n", ":1: 'jobs' must be an integer, but is a string\nhint: write an integer without quotes"),
        ("\nworker:\n  idel: 3 s\n", ":3: unknown key 'idel' in 'worker'\nhint: did you mean 'idle'?"),
        ("worker:\n  idle: 3 sek\n", ":2: unknown unit of time 'sek'\nhint: write it as '30 s', "),
        ("worker:\n  idle: [3]\n", ":2: 'worker.idle' must be a number or a string, but is a list\nhint: "),
        ("on_failure: 3\n", ":1: 'on_failure' must be a string or a list, but is an integer\nhint: "),
        ("dirty: captured\n", ":1: unknown way with uncommitted changes 'captured'\nhint: did you mean 'capture'?"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file, text, message):
    """And with the cure."""
    file.write_text(text)

    with pytest.raises(PipelineFileError) as caught:
        user_config.load()

    assert str(caught.value).startswith(f"{file}{message}")


def test_work_goes_on_with_a_broken_file(file):
    """It is said, and the defaults count."""
    file.write_text("jobs: 0\n")
    said = []

    assert user_config.load_or_default(said.append) == UserConfig()

    assert [error.line for error in said] == [1]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every file")
def test_a_file_that_cannot_be_read_is_said(file):
    """By its name."""
    file.write_text("jobs: 2\n")
    file.chmod(0)

    with pytest.raises(PipelineFileError, match="cannot be read"):
        user_config.load()
