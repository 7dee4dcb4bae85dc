"""A step that takes too long is ended, and one that fails is tried again, each with real processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.processes import processes
from tests.runner.conftest import Bench, Ran, step
from zenrepo.runs.plan import Limits, PlannedStep
from zenrepo.runs.processes import lease

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings

STEPS = '''
import ctypes
import gzip
import os
import signal
import time
from pathlib import Path

import pyarrow as pa

from zenrepo.errors import DataError
from zenrepo.runner.artifacts.tfrecord import frames
from zenrepo.steps import CustomStep


class Flaky(CustomStep):
    """Fails twice."""

    def __init__(self, *, home):
        self.home = home

    def run(self, examples, output):
        tries = Path(self.home, "tries")
        tries.write_text(f"{tries.read_text() if tries.exists() else ''}x")
        print(f"attempt {len(tries.read_text())}")
        Path(output["train"], "table.gz").write_bytes(b"half of it")
        if len(tries.read_text()) < 3:
            raise ConnectionError("nobody answers")
        (Path(output["train"]) / "table.gz").unlink()
        with gzip.open(Path(output["train"], "n.gz"), "wb") as file:
            file.write(frames({"n": pa.array([[1]])}, 1))


class Refused(CustomStep):
    """Finds something that another attempt finds, too."""

    def run(self, examples, output):
        raise DataError("table.csv", "is empty")


class Hanging(CustomStep):
    """Hangs where no Python runs, with a child that does not listen and a daemon."""

    def __init__(self, *, home):
        self.home = home

    def run(self, examples, output):
        Path(output["train"], "table.gz").write_bytes(b"half of it")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                Path(self.home, "daemon").write_text(str(os.getpid()))
                ctypes.CDLL(None).sleep(600)
            os._exit(0)
        while not Path(self.home, "daemon").exists():
            time.sleep(0.01)
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            Path(self.home, "child").write_text(str(os.getpid()))
        else:
            Path(self.home, "hangs").write_text(str(os.getpid()))
        ctypes.CDLL(None).sleep(600)
'''


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A folder to run plans in."""
    bench = Bench(tmp_path_factory.mktemp("limits"))
    bench.checkout.joinpath("steps", "own.py").write_text(STEPS)
    return bench


def planned(name: str, limits: Limits, **args: Any) -> PlannedStep:
    """Plan a step, which is named as its class, with its limits."""
    return replace(step("custom", f"steps.own.{name}", **args), name=name.lower(), limits=limits)


def executions(ran: Ran) -> list[Any]:
    """Read the executions of a run back from ML Metadata, the first first."""
    from ml_metadata import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = ran.plan.metadata_store
    store = metadata_store.MetadataStore(config)
    context = store.get_context_by_type_and_name("pipeline_run", ran.plan.run)
    return sorted(store.get_executions_by_context(context.id), key=lambda execution: execution.id)


def daemons_end(home: Path) -> bool:
    """Say whether the daemon of a hanging step has ended; on Linux alone it does."""
    pid = int((home / "daemon").read_text())
    if sys.platform != "linux":
        os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not lease.born(pid):
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def told(ran: Ran, name: str) -> list[tuple[str, int]]:
    """Give what was reported of a step: its states, each with the number of the attempt."""
    return [(e["state"], e.get("attempt", 1)) for e in ran.events if e["event"] == "step" and e["step"] == name]


@pytest.fixture(scope="module")
def ran(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run whose first step succeeds the third time, and whose second one nothing can cure."""
    home = str(tmp_path_factory.mktemp("tries"))
    flaky = planned("Flaky", Limits(retries=3, wait=0.1), home=home)
    return bench.run(bench.plan(flaky, planned("Refused", Limits(retries=5)), pipeline="tries", last="refused"))


def test_a_step_that_fails_is_tried_again_until_it_succeeds(ran: Ran) -> None:
    """What follows it, and what uses it again, never knows."""
    assert told(ran, "flaky") == [
        ("running", 1),
        ("retrying", 1),
        ("running", 2),
        ("retrying", 2),
        ("running", 3),
        ("complete", 3),
    ]
    assert ran.step("flaky")["facts"]["rows"] == 1


def test_the_wait_between_attempts_grows(ran: Ran) -> None:
    """And is told with what the attempt failed of."""
    first, second = (event for event in ran.events if event.get("state") == "retrying")

    assert 0.1 <= first["wait"] <= 0.2 <= second["wait"] <= 0.3
    assert first["error"]["message"].startswith("step 'flaky': ConnectionError: nobody answers (steps/own.py:")
    assert (first["attempts"], second["attempts"]) == (4, 4)


def test_the_seconds_of_an_attempt_are_its_own(ran: Ran) -> None:
    """Those before it, and the waits between, are not counted again."""
    steps = [e for e in ran.events if e["event"] == "step" and e["step"] == "flaky"]

    for begun, over in zip(steps[::2], steps[1::2], strict=True):
        assert over["seconds"] <= over["time"] - begun["time"] + 0.01


def test_each_attempt_is_an_execution_and_has_a_log(ran: Ran) -> None:
    """Those that failed are FAILED, and say of what; what they had half written is gone."""
    first, second, third, refused = executions(ran)
    folder = Path(ran.plan.folder)

    assert [e.last_known_state for e in (first, second)] == [first.FAILED] * 2
    assert third.last_known_state == third.COMPLETE
    assert "nobody answers" in first.custom_properties["error"].string_value
    assert [e.custom_properties["attempt"].int_value for e in (first, second)] == [1, 2]
    assert [(folder / f"flaky{n}.log").read_text().split("\n")[0] for n in (".1", ".2", "")] == [
        f"attempt {n}" for n in (1, 2, 3)
    ]
    kept = {int(path.name) for path in Path(ran.plan.outputs, "flaky", "examples").iterdir()}
    assert kept == {third.id}
    assert refused.last_known_state == refused.FAILED


def test_what_another_attempt_cannot_cure_is_not_tried_again(ran: Ran) -> None:
    """Data that is wrong stays wrong."""
    assert told(ran, "refused") == [("running", 1), ("failed", 1)]
    assert ran.status == 6


def test_a_step_over_its_time_is_ended_with_all_that_it_started(bench: Bench, tmp_path: Path) -> None:
    """Wherever it hangs, whether its child listens or not, and the daemon that left its session."""
    hanging = planned("Hanging", Limits(timeout=1.5), home=str(tmp_path))

    ran = bench.run(bench.plan(hanging, pipeline="hangs", last="hanging"))

    failed = ran.step("hanging")
    [execution] = executions(ran)
    assert failed["error"]["message"] == "step 'hanging' took longer than its timeout of 1.5 s"
    assert (execution.id, execution.last_known_state) == (failed["execution"], execution.FAILED)
    assert execution.custom_properties["error"].string_value == failed["error"]["message"]
    assert not any(lease.born(int((tmp_path / name).read_text())) for name in ("hangs", "child"))
    assert daemons_end(tmp_path)
    assert not list(Path(ran.plan.artifact_store, "hangs").rglob("table.gz"))


def test_the_time_of_a_run_is_over_whatever_its_steps_may_take(bench: Bench, tmp_path: Path) -> None:
    """There is none left for another attempt."""
    hanging = planned("Hanging", Limits(timeout=600, retries=5), home=str(tmp_path))

    ran = bench.run(bench.plan(hanging, pipeline="long", last="hanging", timeout=3.0))

    assert told(ran, "hanging") == [("running", 1), ("failed", 1)]
    message = ran.step("hanging")["error"]["message"]
    assert message == "the run took longer than its timeout of 3 s, in step 'hanging'"
    assert daemons_end(tmp_path)


def test_a_step_that_is_stopped_is_ended_with_its_daemon(bench: Bench, tmp_path: Path) -> None:
    """As with all else that it started."""
    hanging = planned("Hanging", Limits(), home=str(tmp_path))
    runner = bench.start(bench.plan(hanging, pipeline="stops", last="hanging"))
    while not (tmp_path / "hangs").exists():
        time.sleep(0.05)

    runner.send_signal(signal.SIGTERM)
    runner.communicate(timeout=60)

    assert daemons_end(tmp_path)


def test_what_a_step_started_ends_with_the_process_that_the_step_came_from(bench: Bench, tmp_path: Path) -> None:
    """When that is killed the system ends the step alone, and the run all else."""
    hanging = planned("Hanging", Limits(), home=str(tmp_path))
    runner = bench.start(bench.plan(hanging, pipeline="orphans", last="hanging"))
    while not all((tmp_path / name).exists() for name in ("hangs", "child")):
        time.sleep(0.05)
    hangs = int((tmp_path / "hangs").read_text())
    [parent] = [process.parent for process in processes() if process.pid == hangs]

    os.kill(parent, signal.SIGKILL)
    out, _ = runner.communicate(timeout=60)

    os.kill(int((tmp_path / "daemon").read_text()), signal.SIGKILL)
    assert "the process that it came from ended" in out
    assert not any(lease.born(int((tmp_path / name).read_text())) for name in ("hangs", "child"))


def test_a_run_is_stopped_while_it_waits_for_an_attempt(bench: Bench, tmp_path: Path) -> None:
    """At once, and nothing is tried again."""
    flaky = planned("Flaky", Limits(retries=3, wait=600, most=600), home=str(tmp_path))
    plan = bench.plan(flaky, pipeline="stopped", last="flaky")
    runner = bench.start(plan)
    while '"retrying"' not in runner.stdout.readline():
        pass

    runner.send_signal(signal.SIGTERM)
    out, _ = runner.communicate(timeout=60)

    assert '"message":"the run was stopped"' in out
    assert runner.returncode == 6
    assert (tmp_path / "tries").read_text() == "x"
