"""What a pipeline file says, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.pipeline_files.file import PipelineFile, StepEntry, read, read_with_places, write
from zenrepo.pipeline_files.limits import Retries
from zenrepo.pipeline_files.trigger import Trigger

TEXT = """\
version: 1
name: churn
kind: training
trigger:
  on: [commit]
  branches: [main, release/*]
steps:
  data:
    type: zenrepo.steps.CSVData
    args:
      path: data/churn.csv
  train-it:
    type: steps.trainer.MyTrainer@0123456789abcdef0123456789abcdef01234567
    args:
      layers: [8, 4]
      rate: 0.001
"""

PIPELINE = PipelineFile(
    name="churn",
    trigger=Trigger(on=["commit"], branches=["main", "release/*"]),
    steps={
        "data": StepEntry(type="zenrepo.steps.CSVData", args={"path": "data/churn.csv"}),
        "train-it": StepEntry(
            type="steps.trainer.MyTrainer@0123456789abcdef0123456789abcdef01234567",
            args={"layers": [8, 4], "rate": 0.001},
        ),
    },
)

FILE = ".zenml/pipelines/churn.yaml"


def with_line(old: str, new: str) -> bytes:
    """Change one part of the valid file."""
    assert old in TEXT
    return TEXT.replace(old, new).encode()


def with_argument(value: str) -> bytes:
    """Set the argument ``path``, on line 11, as the file writes it."""
    return with_line("data/churn.csv", value)


def test_a_file_says_a_pipeline():
    """Everything is read, in its order."""
    assert read(TEXT.encode(), FILE) == PIPELINE


def test_a_pipeline_is_written_as_its_file():
    """The form is canonical."""
    assert write(PIPELINE) == TEXT


def test_a_short_file_has_defaults():
    """A training pipeline that commits run, whose steps take no arguments."""
    read_file = read(b"version: 1\nname: a\nsteps:\n  data: {type: m.Data}\n")

    assert read_file == PipelineFile(name="a", steps={"data": StepEntry(type="m.Data")})
    assert (read_file.kind, read_file.trigger.on, read_file.trigger.branches) == ("training", ["commit"], [])


def test_an_entry_knows_its_pin():
    """The pin is apart from the step type."""
    entry = PIPELINE.steps["train-it"]

    assert (entry.step_type, entry.pin) == ("steps.trainer.MyTrainer", "0123456789abcdef" * 2 + "01234567")
    assert (PIPELINE.steps["data"].step_type, PIPELINE.steps["data"].pin) == ("zenrepo.steps.CSVData", "")


@pytest.mark.parametrize(
    "type_",
    [
        "m.Step",
        "m.Outer.Inner",
        "päckage.m.Step",
        "m.S@abcdef1",
        "zenrepo.steps.CSVData@zenrepo_0.1.0",
        "m.S@1234567",
    ],
)
def test_step_types_that_are_taken(type_):
    """A dotted path, a commit for a pin, and a release for what ships with zenrepo."""
    read_file = read(f"version: 1\nname: a\nsteps:\n  data:\n    type: {type_}\n".encode())

    assert read_file.steps["data"].type == type_


def test_places_tell_lines():
    """A key that is not there has the line of the nearest one around it."""
    places = read_with_places(TEXT.encode(), FILE)[1]

    assert places.line("steps", "train-it", "args", "layers", 1) == 15
    assert places.line("steps", "train-it", "args", "nothing") == 14
    assert places.line("nothing") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_line("version: 1\n", ""), ":1: key 'version' is missing\nhint: add 'version: 1'"),
        (
            with_line("version: 1", "version: 2\nfuture: x"),
            ":1: version 2 is newer than this release reads\nhint: upgrade zenrepo",
        ),
        (with_line("version: 1", "version: '1'"), ":1: version '1' is not known\nhint: write 'version: 1'"),
        (with_line("version: 1", "version: true"), ":1: version True is not known\nhint: write 'version: 1'"),
        (with_line("version: 1", "version: 0"), ":1: version 0 is not known\nhint: write 'version: 1'"),
        (with_line("name: churn\n", ""), ":1: key 'name' is missing\nhint: add 'name: …'"),
        (
            with_line("name: churn", "name: chrun"),
            ":2: name 'chrun' is not the file's, which is 'churn'\nhint: write 'name: churn', or rename the file",
        ),
        (
            with_line("name: churn", "name: a/b"),
            ":2: 'a/b' cannot be the name of a pipeline\n"
            "hint: use letters, digits, '_', '-' and '.', at most 100, with no '-' or '.' in front",
        ),
        (
            with_line("kind: training", "kind: trainin"),
            ":3: unknown kind of pipeline 'trainin'\nhint: did you mean 'training'?",
        ),
        (
            with_line("kind: training", "kind: x"),
            ":3: unknown kind of pipeline 'x'\nhint: known are training, data, batch_inference, evaluation, custom",
        ),
        (with_line("trigger:", "triger:"), ":4: unknown key 'triger'\nhint: did you mean 'trigger'?"),
        (with_line("on: [commit]", "on: [comit]"), ":5: unknown event 'comit'\nhint: did you mean 'commit'?"),
        (
            with_line("on: [commit]", "on: [moon]"),
            ":5: unknown event 'moon'\nhint: known are commit, merge, push, tag, schedule, manual",
        ),
        (
            with_line("on: [commit]", "on: []"),
            ":5: a trigger needs an event\nhint: write [manual] for a pipeline that only 'zenrepo run' starts",
        ),
        (
            with_line("on: [commit]", "on: commit"),
            ":5: 'trigger.on' must be a list, but is a string\nhint: write it as a list: [commit]",
        ),
        (
            with_line("branches:", "branch:"),
            ":6: unknown key 'branch' in 'trigger'\nhint: did you mean 'branches'?",
        ),
        (
            with_line("train-it:", "train.it:"),
            ":12: 'train.it' cannot be the name of a step\n"
            "hint: use letters, digits, '_' and '-', at most 100, with a letter or '_' in front",
        ),
        (
            with_line("zenrepo.steps.CSVData", "CSVData"),
            ":9: 'CSVData' is not a step type\nhint: write the dotted path of its class: module.step.MyStep",
        ),
        (
            with_line("zenrepo.steps.CSVData", "zenrepo.steps.class"),
            ":9: 'zenrepo.steps.class' is not a step type\n"
            "hint: write the dotted path of its class: module.step.MyStep",
        ),
        (
            with_line("@0123456789abcdef0123456789abcdef01234567", "@main"),
            ":13: 'main' is not a commit to pin 'steps.trainer.MyTrainer' to\n"
            "hint: write 'steps.trainer.MyTrainer@<commit>' with 7 to 40 lower-case hex digits,"
            " or leave the '@' out",
        ),
        (
            with_line("@0123456789abcdef0123456789abcdef01234567", "@zenrepo_0.1.0"),
            ":13: 'zenrepo_0.1.0' is not a commit to pin 'steps.trainer.MyTrainer' to\n"
            "hint: write 'steps.trainer.MyTrainer@<commit>' with 7 to 40 lower-case hex digits,"
            " or leave the '@' out",
        ),
        (
            with_line("zenrepo.steps.CSVData", "zenrepo.steps.CSVData@"),
            ":9: '' is not a commit to pin 'zenrepo.steps.CSVData' to\n"
            "hint: write 'zenrepo.steps.CSVData@<commit>' with 7 to 40 lower-case hex digits"
            " or 'zenrepo.steps.CSVData@zenrepo_<release>', or leave the '@' out",
        ),
        (
            with_line("    args:\n      path", "    arg:\n      path"),
            ":10: unknown key 'arg' in 'steps.data'\nhint: did you mean 'args'?",
        ),
        (
            with_line("      layers: [8, 4]\n      rate: 0.001\n", ""),
            ":14: 'steps.train-it.args' must be a map, but is empty\nhint: give it a value, or leave the key out",
        ),
        (
            with_line("steps:\n", "more: 1\nsteps:\n"),
            ":7: unknown key 'more'\nhint: the keys here are version, name, kind, trigger, backend, timeout, steps",
        ),
        (
            with_line("steps:\n", "steps: []\nmore:\n"),
            ":7: 'steps' must be a map, but is a list\nhint: write 'key: value' lines under it",
        ),
    ],
)
def test_a_wrong_file_is_refused(refusal, text, message):
    """File, line, what is wrong, and the cure."""
    assert refusal(read, text, FILE) == FILE + message


LIMITED = b"""\
version: 1
name: p
kind: custom
timeout: 1 d
steps:
  one:
    type: steps.own.One
    timeout: 90
    retries: 2
  two:
    type: steps.own.Two
    timeout: 2 h
    retries: {times: 3, wait: 1 s, most: 1 min}
"""


def test_limits_of_steps_and_of_the_run_are_read():
    """How long each may take, and how often it is tried again."""
    found = read(LIMITED)

    assert found.timeout == "1 d"
    assert (found.steps["one"].timeout, found.steps["one"].retries) == (90, 2)
    assert (found.steps["two"].timeout, found.steps["two"].retries) == (
        "2 h",
        Retries(times=3, wait="1 s", most="1 min"),
    )
    assert read(write(found).encode()) == found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1 d", "never", ":4: 'never' is no length of time"),
        ("90", "0", ":8: a length of time is needed, but this is nothing\nhint: leave it out"),
        ("90", "-5", ":8: '-5' is no length of time"),
        ("2 h", "2 hs", ":12: unknown unit of time 'hs'\nhint: did you mean 's' or 'h'?"),
        ("2 h", "[2]", ":12: 'steps.two.timeout' must be a number or a string, but is a list"),
        ("retries: 2", "retries: 101", ":9: a step cannot be tried 101 times again\nhint: write 0 to 100"),
        ("retries: 2", "retries: two", ":9: 'steps.one.retries' must be an integer or a map, but is a string"),
        ("times", "tmes", ":13: unknown key 'tmes' in 'steps.two.retries'\nhint: did you mean 'times'?"),
        ("times: 3, ", "", ":13: key 'times' is missing in 'steps.two.retries'"),
        ("wait: 1 s", "wait: soon", ":13: 'soon' is no length of time"),
        (
            "timeout: 90",
            "backend: {typ: a.B}",
            ":8: unknown key 'typ' in 'steps.one.backend'\nhint: did you mean 'type'?",
        ),
    ],
)
def test_limits_that_cannot_be_kept_are_refused(refusal, old, new, message):
    """With their line."""
    file = FILE.replace("churn", "p")
    text = LIMITED.replace(old.encode(), new.encode(), 1)

    assert refusal(read, text, file).startswith(file + message)


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        ("/repo/data/churn.csv", "use 'data/churn.csv', relative to the repository"),
        ("/repo/data/../x.csv", "use 'x.csv', relative to the repository"),
        ("file:///repo/data/a%20b.csv", "use 'data/a b.csv', relative to the repository"),
        ("file:/repo/data/a.csv", "use 'data/a.csv', relative to the repository"),
        ("/repo", "use '.', relative to the repository"),
        ("/home/me/churn.csv", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("//server/x", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("FILE://host/x", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("~/churn.csv", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("~me/churn.csv", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("C:\\churn.csv", "use a path relative to the repository, or an address such as 'gs://…'"),
        ("d:/churn.csv", "use a path relative to the repository, or an address such as 'gs://…'"),
    ],
)
def test_absolute_paths_are_refused(refusal, value, instead):
    """With the relative path to use where the repository holds the file."""
    said = refusal(read, with_argument(f"'{value}'"), FILE, Path("/repo"))

    assert said == f"{FILE}:11: absolute path '{value}'\nhint: {instead}"


@pytest.mark.parametrize("value", ["..", "../data/x.csv", "data/../../x.csv"])
def test_paths_out_of_the_repository_are_refused(refusal, value):
    """Another clone has something else there."""
    said = refusal(read, with_argument(value), FILE)

    assert said == f"{FILE}:11: path '{value}' leaves the repository\nhint: copy what it names into the repository"


@pytest.mark.parametrize(
    "value",
    [
        *(
            "data/x.csv",
            "./x",
            "a/../b",
            "gs://bucket/../x",
            "s3://b/x",
            "mysql://h/d",
            "'/'",
            "'~'",
            "'~ 5'",
            "a~b",
        ),
        *("a:b", "'C: x'", "...", "..x", "x/..", "'y ~ x'", "'\\d+/'", "a/b/c", "'a, /b'"),
    ],
)
def test_other_texts_are_no_absolute_paths(value):
    """Relative paths, addresses and plain texts are taken."""
    assert read(with_argument(value), FILE).steps["data"].args


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("[a,\n        /b/c]", 12),
        ("{a: {b: /c/d}}", 11),
        ("{/a/b: c}", 11),
        ("\n        - x\n        - y: [1, 2]\n          z: /a/b", 14),
    ],
)
def test_absolute_paths_are_found_at_any_depth(refusal, value, line):
    """In lists, in maps, and as keys, each with its own line."""
    assert refusal(read, with_argument(value), FILE).startswith(f"{FILE}:{line}: absolute path '/")


def test_a_file_without_a_name_is_called_one(refusal):
    """Errors name something even where there is no path."""
    assert refusal(read, b"").startswith("pipeline file:1: is empty")
