"""What a trigger may say: its events, and the keys that they look at."""

from __future__ import annotations

import pytest

from zenrepo.errors import PipelineFileError, UsageError
from zenrepo.pipeline_files.file import read, write
from zenrepo.pipeline_files.trigger import Trigger
from zenrepo.pipelines import DataPipeline
from zenrepo.steps import CSVDataStep

FILE = ".zenml/pipelines/p.yaml"
FIVE = "write five fields, minute, hour, day of month, month, day of week: '0 3 * * *' is every night at three"


def with_trigger(*lines: str) -> bytes:
    """Make a pipeline file whose trigger begins on line 4."""
    trigger = "".join(f"  {line}\n" for line in lines)
    return f"version: 1\nname: p\ntrigger:\n{trigger}steps:\n  data: {{type: m.Data}}\n".encode()


@pytest.mark.parametrize(
    ("lines", "trigger"),
    [
        (
            ["on: [push]", "branches: [main]", "paths: [conf/**]"],
            Trigger(on=["push"], branches=["main"], paths=["conf/**"]),
        ),
        (["on: [tag]", "tags: [v*]"], Trigger(on=["tag"], tags=["v*"])),
        (["on: [commit, tag]", "paths: [a]"], Trigger(on=["commit", "tag"], paths=["a"])),
        (["on: [schedule]", 'schedule: "0 3 * * *"'], Trigger(on=["schedule"], schedule="0 3 * * *")),
        (
            ["on: [schedule]", "branches: [main]", 'schedule: "*/5 1-3 * jan mon"', "timezone: Europe/Berlin"],
            Trigger(on=["schedule"], branches=["main"], schedule="*/5 1-3 * jan mon", timezone="Europe/Berlin"),
        ),
        (
            ["on: [manual]", "tags: [v*]", 'schedule: "0 3 * * *"'],
            Trigger(on=["manual"], tags=["v*"], schedule="0 3 * * *"),
        ),
    ],
)
def test_a_trigger_is_read_and_written(lines: list[str], trigger: Trigger) -> None:
    """What is switched off with 'manual' keeps what it said."""
    file = read(with_trigger(*lines), FILE)

    assert file.trigger == trigger
    assert read(write(file).encode(), FILE) == file


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["on: [schedule]"], ":4: event 'schedule' needs its times\nhint: write schedule: '0 3 * * *' beside 'on'"),
        (
            ["on: [commit]", 'schedule: "0 3 * * *"'],
            ":5: 'schedule' means nothing for 'commit'\nhint: add 'schedule' to 'on', or leave 'schedule' out",
        ),
        (
            ["on: [schedule]", "schedule: every night"],
            f":5: schedule 'every night' has 2 fields, not 5\nhint: {FIVE}",
        ),
        (["on: [schedule]", 'schedule: "0 25 * * *"'], f":5: '25' is no hour of a schedule\nhint: {FIVE}"),
        (["on: [schedule]", 'schedule: "0 3 * * fun"'], f":5: 'fun' is no day-of-week of a schedule\nhint: {FIVE}"),
        (["on: [schedule]", 'schedule: "0 3 31 2 *"'], f":5: '31' is no day-of-month of a schedule\nhint: {FIVE}"),
        (
            ["on: [schedule]", 'schedule: "0 3 * * *"', "timezone: Europe/Berlln"],
            ":6: unknown time zone 'Europe/Berlln'\nhint: did you mean 'Europe/Berlin'",
        ),
        (
            ["on: [tag]", "paths: [conf/**]"],
            ":5: 'paths' means nothing for 'tag'\nhint: add one of commit, merge, push to 'on', or leave 'paths' out",
        ),
        (
            ["on: [tag, manual]", "branches: [main]"],
            ":5: 'branches' means nothing for 'tag' and 'manual'\n"
            "hint: add one of commit, merge, push, schedule to 'on', or leave 'branches' out",
        ),
        (
            ["on: [push]", "tags: [v*]"],
            ":5: 'tags' means nothing for 'push'\nhint: add 'tag' to 'on', or leave 'tags' out",
        ),
    ],
)
def test_a_wrong_trigger_is_refused_with_its_line(lines: list[str], message: str) -> None:
    """So is a key that no event of the trigger looks at: its writer expects something of it."""
    with pytest.raises(PipelineFileError) as caught:
        read(with_trigger(*lines), FILE)

    assert str(caught.value).startswith(FILE + message)


def test_python_writes_the_same_triggers() -> None:
    """Tags and schedules are arguments of trigger()."""
    pipeline = DataPipeline("p").add_data(CSVDataStep(path="data.csv"))
    pipeline.trigger(on=["tag", "schedule"], tags=["v*"], schedule="0 3 * * *", timezone="UTC")

    assert pipeline.to_file().trigger == Trigger(
        on=["tag", "schedule"], tags=["v*"], schedule="0 3 * * *", timezone="UTC"
    )


def test_python_refuses_the_same_triggers() -> None:
    """The error is that of the file, without a line."""
    with pytest.raises(UsageError, match="'tags' means nothing for 'commit'"):
        DataPipeline("p").trigger(tags=["v*"])
