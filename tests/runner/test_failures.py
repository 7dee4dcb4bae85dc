"""What a run does when a step fails, each with real processes."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runner.conftest import Bench, Ran, step
from zenrepo.runs.plan import PlannedStep

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # the libraries' own warnings


def execution(ran: Ran, identity: int) -> Any:
    """Read an execution back from ML Metadata."""
    from ml_metadata import metadata_store
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = ran.plan.metadata_store
    [found] = metadata_store.MetadataStore(config).get_executions_by_id([identity])
    return found


def frame(file: str, line: int, function: str) -> dict[str, Any]:
    """Write a frame as an event has it."""
    return {"file": file, "line": line, "function": function, "commit": ""}


def with_preprocess(cancer: list[PlannedStep], name: str) -> list[PlannedStep]:
    """The pipeline up to another preprocess step."""
    return [*cancer[:2], replace(cancer[2], type=f"steps.mine.{name}", args={}), cancer[3]]


def test_a_users_exception_is_told_with_its_line(bench: Bench, cancer: list[PlannedStep], first: Ran) -> None:
    """The event has the exception and the user's line; the execution is FAILED and says why; the rest is skipped."""
    ran = bench.run(bench.plan(*with_preprocess(cancer, "Unlucky")))
    failed = ran.step("preprocess")
    found = execution(ran, failed["execution"])

    assert ran.status == 6
    assert failed["error"]["message"] == (
        "step 'preprocess': LookupError: no luck (steps/mine.py:35 in preprocessing_fn)"
    )
    assert failed["error"]["frame"] == frame("steps/mine.py", 35, "preprocessing_fn")
    assert "LookupError" in failed["error"]["traceback"]
    assert "LookupError" in Path(ran.plan.folder, "preprocess.log").read_text()
    assert found.last_known_state == found.FAILED
    assert "no luck" in found.custom_properties["error"].string_value
    assert ran.states["trainer"] == "skipped"
    assert ran.events[-1]["state"] == "failed"


def test_an_exception_inside_beam_is_told_with_its_line(bench: Bench) -> None:
    """What a DataStep's transform raises in Beam is told without what Beam puts around it."""
    ran = bench.run(bench.plan(step("data", "steps.mine.InBeam")))

    assert ran.step("data")["error"]["message"] == (
        "step 'data': ZeroDivisionError: division by zero (steps/mine.py:40 in <lambda>)"
    )
    assert ran.step("data")["error"]["frame"] == frame("steps/mine.py", 40, "<lambda>")


def test_a_killed_step_fails_the_run(bench: Bench, cancer: list[PlannedStep], first: Ran) -> None:
    """A performer that dies is a failed step that says which signal killed it."""
    ran = bench.run(bench.plan(*with_preprocess(cancer, "Killed")))
    found = execution(ran, ran.step("preprocess")["execution"])

    assert ran.status == 6
    assert "killed by SIGKILL" in ran.step("preprocess")["error"]["message"]
    assert found.last_known_state == found.FAILED


SABOTAGE = """
import gzip
from pathlib import Path

from zenrepo.steps import CustomStep

ONE_EMPTY_EXAMPLE = bytes.fromhex("020000000000000078270b340a0039818bab")


class Sabotage(CustomStep):
    def run(self, examples, output):
        Path(output["train"], "rows.gz").write_bytes(gzip.compress(ONE_EMPTY_EXAMPLE))
        Path({store!r}).write_bytes(b"no database at all" * 100)
"""


def test_a_step_that_did_well_and_cannot_be_recorded_says_why(tmp_path: Path) -> None:
    """The step has made its examples, but ML Metadata's file is ruined meanwhile: that is told, as the step's end."""
    bench = Bench(tmp_path)
    store = str(tmp_path / "metadata.db")
    bench.checkout.joinpath("steps", "own.py").write_text(SABOTAGE.format(store=store))

    ran = bench.run(bench.plan(replace(step("custom", "steps.own.Sabotage"), name="one"), pipeline="own"))

    assert ran.status == 1  # what it began could not be closed
    assert ran.step("one")["state"] == "failed"
    assert ran.step("one")["error"]["message"] == f"the metadata store '{store}' is damaged"
    assert ran.events[-1]["error"]["message"] == ran.step("one")["error"]["message"]


def test_a_stopped_run_is_closed(bench: Bench, cancer: list[PlannedStep], first: Ran) -> None:
    """SIGTERM ends the step that runs, and its execution is CANCELED in ML Metadata."""
    plan = bench.plan(*with_preprocess(cancer, "Sleeper"))
    runner = bench.start(plan)
    log = Path(plan.folder, "preprocess.log")
    for _ in range(400):
        if log.exists():
            break
        time.sleep(0.1)
    runner.send_signal(signal.SIGTERM)
    out, _ = runner.communicate(timeout=30)
    [line] = [line for line in out.splitlines() if '"state":"failed","seconds"' in line and '"step"' in line]
    number = int(line.partition('"execution":')[2].partition(",")[0])
    found = execution(Ran(plan, 0, [], ""), number)

    assert runner.returncode == 6
    assert found.last_known_state == found.CANCELED
    assert not list(Path(plan.outputs, "preprocess", "transform_graph").glob(str(number)))


def test_an_unknown_label_is_told_with_those_near_it(bench: Bench, cancer: list[PlannedStep], first: Ran) -> None:
    """A feature that is not there is named, with the step and what it could have meant."""
    ran = bench.run(bench.plan(*cancer[:2], replace(cancer[2], args={"label": "targte"})))
    error = ran.step("preprocess")["error"]

    assert error["message"] == "step 'preprocess': there is no label 'targte' in the examples"
    assert error["hint"] == "did you mean 'target'?"


def test_a_step_in_the_wrong_place_is_refused(bench: Bench, cancer: list[PlannedStep]) -> None:
    """A pipeline whose steps cannot follow each other fails before anything runs."""
    ran = bench.run(bench.plan(cancer[0], cancer[3]))

    assert ran.status == 6
    assert ran.events[-1]["error"]["message"] == "step 'trainer' needs 'transformed_examples'"
