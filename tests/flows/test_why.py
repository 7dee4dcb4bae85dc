"""Why a step of a run ran again, or did not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo, zenrepo
from tests.conftest import GitRepository
from tests.flows.recorded_runs import NODES, Recorded
from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.impact import impact
from zenrepo.flows.answers.why import difference, why
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal

__all__ = ["zenrepo"]


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A pipeline that has run once."""
    found = Recorded(repository, tmp_path / "artifacts")
    found.run()
    return found


def causes(recorded: Recorded, number: int, step: str) -> list[Cause]:
    """Give why a step of a run ran."""
    [found] = why(locate(recorded.git.path), number, step)[1]
    return found.causes


def texts(recorded: Recorded, number: int, step: str) -> list[str]:
    """Give the same as texts."""
    return [cause.text for cause in causes(recorded, number, step)]


def test_a_first_run_makes_everything(recorded: Recorded) -> None:
    """There is nothing to compare it to."""
    _, found = why(locate(recorded.git.path), 1)

    assert [each.step for each in found] == list(NODES)
    assert {cause.kind for each in found for cause in each.causes} == {"first"}


def test_what_was_used_again_is_traced_to_the_run_that_made_it(recorded: Recorded) -> None:
    """Not to the runs between that used it again themselves."""
    recorded.run(made=())
    recorded.run(made=())
    _, found = why(locate(recorded.git.path), 3)

    assert {(each.state, each.run) for each in found} == {("cached", 1)}


def test_an_edited_helper_is_named_with_its_lines(recorded: Recorded) -> None:
    """And nothing else of the commit, though it changed other files."""
    recorded.git.commit({"README.md": "text", "lib/shape.py": "X = 1\ndef width(): return 2\n"})
    recorded.run(made=["trainer"])
    [cause] = causes(recorded, 2, "trainer")

    assert (cause.kind, cause.text) == ("code", "lib/shape.py (+2 -1) changed")
    assert [tuple(file) for file in cause.files] == [("lib/shape.py", 2, 1)]
    assert "+def width(): return 2" in difference(locate(recorded.git.path), cause)
    assert "README" not in difference(locate(recorded.git.path), cause)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "train: 0.7, eval: 0.3",
            "train: 0.6, eval: 0.4",
            ["split_map.train: 0.7 -> 0.6", "split_map.eval: 0.3 -> 0.4"],
        ),
        (
            "{split_map: {train: 0.7, eval: 0.3}}",
            "{split_map: {train: 0.7, eval: 0.3}, seed: 3}",
            ["seed: nothing -> 3"],
        ),
        ("0.3}}", '"0.3"}}', ['split_map.eval: 0.3 -> "0.3"']),
        ("eval: 0.3", "test: 0.3", ["split_map.eval: 0.3 -> nothing", "split_map.test: nothing -> 0.3"]),
    ],
)
def test_an_argument_is_named_with_both_values(recorded: Recorded, old: str, new: str, expected: list[str]) -> None:
    """Inside maps too, with the type of the value to be seen."""
    recorded.edit(".zenml/pipelines/p.yaml", old, new)
    recorded.run(made=["split"])

    assert texts(recorded, 2, "split") == expected


def test_changed_data_is_named_and_what_follows_from_it(recorded: Recorded) -> None:
    """The steps behind ran because of the one in front of them, whose output they take."""
    recorded.git.commit({"data/table.csv": "a\n1\n2\n"})
    recorded.run()

    assert texts(recorded, 2, "data") == ["data/table.csv (+1 -0) changed"]
    assert texts(recorded, 2, "split") == ["data: step 'data' ran again"]
    assert texts(recorded, 2, "trainer") == [
        "transformed_examples, transform_graph: step 'preprocess' ran again",
        "schema: step 'schema' ran again",
        "examples: step 'split' ran again",
    ]


def test_untracked_data_is_named_too(recorded: Recorded) -> None:
    """Git cannot say how many lines of it changed."""
    recorded.git.git("rm", "--quiet", "--cached", "data/table.csv")
    recorded.git.commit({".gitignore": "data/\n"})
    recorded.run()
    recorded.git.write("data/table.csv", "a\n3\n")
    recorded.run()

    assert texts(recorded, 3, "data") == ["data/table.csv changed"]


def test_a_class_and_a_date_are_named_as_they_are_written(recorded: Recorded) -> None:
    """The class's own code counts beside its name."""
    step = "class Net(TrainerStep):\n    def __init__(self, model=None, since=None): pass\n"
    recorded.git.commit(
        {"steps/net.py": "from zenrepo.steps import TrainerStep\n" + step, "lib/a.py": "class A: x = 1\n"}
    )
    recorded.edit(".zenml/pipelines/p.yaml", "args: {}", "args: {model: !class lib.a.A, since: !date 2024-05-01}")
    recorded.run()
    recorded.edit("lib/a.py", "1", "2")
    recorded.edit(".zenml/pipelines/p.yaml", "2024-05-01", "2024-06-01")
    recorded.run(made=["trainer"])

    assert texts(recorded, 3, "trainer") == [
        "since: !date 2024-05-01 -> !date 2024-06-01",
        "lib/a.py (+1 -1) changed",
    ]


def test_another_pin_is_a_change_of_code_alone(recorded: Recorded) -> None:
    """What the run's commit has of the step does not count."""
    second = recorded.edit("lib/shape.py", "1", "2")
    recorded.edit("README.md", "", "text")
    third = recorded.edit("lib/shape.py", "2", "3")
    recorded.edit("lib/shape.py", "3", "4")
    for old, new in (("", second), (second, third)):
        recorded.edit(".zenml/pipelines/p.yaml", f"steps.net.Net{'@' + old if old else ''}", f"steps.net.Net@{new}")
        recorded.run(made=["trainer"])

    assert texts(recorded, 2, "trainer") == ["lib/shape.py (+1 -1) changed"]
    assert texts(recorded, 3, "trainer") == ["lib/shape.py (+1 -1) changed"]
    assert [cause.commits for cause in causes(recorded, 3, "trainer")] == [(second, third)]


def test_data_behind_an_address_is_read_by_every_run(recorded: Recorded) -> None:
    """Nobody can see from here whether it changed."""
    recorded.edit(".zenml/pipelines/p.yaml", "data/table.csv", "s3://bucket/table.csv")
    recorded.run()
    recorded.run(made=["data"])

    assert texts(recorded, 3, "data") == ["what is behind 's3://bucket/table.csv' may have changed: every run reads it"]


def test_a_release_of_zenrepo_is_a_cause(recorded: Recorded) -> None:
    """A step may extend one that ships, so that each counts as changed."""
    plan = locate(recorded.git.path).run("p-1") / "plan.json"
    recorded.run()
    plan.write_text(plan.read_text().replace('"zenrepo_', '"zenrepo_0.0.'))

    [cause] = causes(recorded, 2, "trainer")[:1]
    assert cause.kind == "release"
    assert cause.text.startswith("zenrepo_0.0.")


def test_a_release_is_known_of_a_pipeline_without_standard_steps(recorded: Recorded) -> None:
    """The plan says it, also where no step does."""
    plan = locate(recorded.git.path).run("p-1") / "plan.json"
    recorded.run(made=["trainer"])
    plan.write_text(plan.read_text().replace('"release": "zenrepo_', '"release": "zenrepo_0.0.'))

    assert [cause.kind for cause in causes(recorded, 2, "trainer")] == ["release"]


def test_a_run_without_cache_says_so(recorded: Recorded) -> None:
    """Nothing else made it run."""
    recorded.run(cache=False)

    assert [cause.kind for cause in causes(recorded, 2, "data")] == ["no-cache"]


def test_a_lost_result_of_the_run_before_the_last_is_the_cause(recorded: Recorded) -> None:
    """The last run was of other data; that of this one was there before it, and would have been used again."""
    recorded.git.commit({"data/table.csv": "a\n2\n"})
    recorded.run(made=["data"])
    recorded.git.commit({"data/table.csv": "a\n1\n"})
    recorded.run(made=["data"])

    assert texts(recorded, 3, "data") == ["what run 1 had is not as it was written"]


def test_a_lost_result_is_a_cause(recorded: Recorded) -> None:
    """What nobody changed ran again because its earlier result is gone."""
    shutil.rmtree(recorded.uri("data"))
    recorded.run(made=["data"])

    assert texts(recorded, 2, "data") == ["what run 1 had is gone from the artifact store"]


OWN = """\
from zenrepo.steps import CustomStep
class Own(CustomStep):
    def __init__(self, shape=None):
        pass
"""
CHAIN = """\
version: 1
name: p
kind: custom
steps:
  data: {type: zenrepo.steps.CSVDataStep, args: {path: data/table.csv}}
  one: {type: steps.own.Own}
  two: {type: steps.own.Own}
  three: {type: steps.own.Own}
"""


def test_a_step_that_takes_its_input_from_another_one_says_so(recorded: Recorded) -> None:
    """Who asks beforehand hears it as well; those behind it run because of it."""
    recorded.git.commit({".zenml/pipelines/p.yaml": CHAIN, "steps/own.py": OWN})
    recorded.run(made=("data", "one", "two", "three", "statistics", "schema"))
    recorded.edit(".zenml/pipelines/p.yaml", "  one: {type: steps.own.Own}\n", "")
    [foreseen] = impact(locate(recorded.git.path), name="p").pipelines
    number = recorded.run(made=("two", "three"))

    said = {step.step: [cause.text for cause in step.causes] for step in foreseen.steps if step.runs}
    assert said["two"] == texts(recorded, number, "two") == ["before: step 'one' -> step 'data'"]
    assert said["three"] == ["step 'two' runs again"]
    assert texts(recorded, number, "three") == ["before: step 'two' ran again"]


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (
            ".zenml/pipelines/p.yaml",
            "  one: {",
            "  uno: {",
            {"uno": ["no earlier run made it"], "two": ["before: step 'one' -> step 'uno'"]},
        ),
        (
            ".zenml/pipelines/p.yaml",
            "  one: {type: steps.own.Own}\n  two: {type: steps.own.Own}\n",
            "  two: {type: steps.own.Own}\n  one: {type: steps.own.Own}\n",
            {
                "two": ["before: step 'one' -> step 'data'"],
                "one": ["before: step 'data' -> step 'two'"],
                "three": ["before: step 'two' -> step 'one'"],
            },
        ),
        (
            ".zenml/pipelines/p.yaml",
            "two: {type: steps.own.Own}",
            "two: {type: steps.own.Own, args: {shape: !class lib.shape.Shape}}",
            {"two": ["shape: nothing -> !class lib.shape.Shape"], "three": ["before: step 'two' ran again"]},
        ),
        (
            "steps/own.py",
            "CustomStep",
            "SplitStep",
            {
                "one": [
                    "steps/own.py (+2 -2) changed",
                    "before: step 'data' -> nothing",
                    "data: nothing -> step 'data'",
                ]
            },
        ),
    ],
    ids=["renamed", "moved", "class argument", "kind"],
)
def test_no_change_of_a_pipeline_is_taken_for_damage(
    recorded: Recorded, path: str, old: str, new: str, expected: dict[str, list[str]]
) -> None:
    """Each step that it makes run says which it is."""
    recorded.git.commit(
        {".zenml/pipelines/p.yaml": CHAIN, "steps/own.py": OWN, "lib/shape.py": "class Shape:\n    pass\n"}
    )
    recorded.run(made=("data", "one", "two", "three", "statistics", "schema"))
    recorded.edit(path, old, new)
    number = recorded.run(made=expected)

    assert {step: texts(recorded, number, step) for step in expected} == expected


def test_what_decides_no_result_makes_no_step_run(recorded: Recorded) -> None:
    """Where it works, how long it may take, and how often it is tried."""
    recorded.edit(
        ".zenml/pipelines/p.yaml", "version: 1\n", "version: 1\nbackend: {type: zenrepo.backends.LocalBackend}\n"
    )
    recorded.edit(
        ".zenml/pipelines/p.yaml", "type: steps.net.Net\n", "type: steps.net.Net\n    timeout: 3 h\n    retries: 2\n"
    )
    [foreseen] = impact(locate(recorded.git.path), name="p").pipelines

    assert [step.step for step in foreseen.steps if step.runs] == []


def test_an_argument_that_has_become_a_file_is_a_cause(recorded: Recorded) -> None:
    """Whatever else of the step changed; and so it is when the file is gone."""
    recorded.git.commit({"a": "a file of the name of a label\n"})
    first = recorded.run(made=["preprocess", "trainer"])
    recorded.git.git("rm", "--quiet", "a")
    recorded.edit(".zenml/pipelines/p.yaml", "{label: a}", "{label: a, vocabulary_size: 9}")
    second = recorded.run(made=["preprocess", "trainer"])

    assert texts(recorded, first, "preprocess") == ["'a' is a file or folder now"]
    assert texts(recorded, second, "preprocess") == [
        "vocabulary_size: nothing -> 9",
        "'a' is no file or folder any more",
    ]


def test_a_metadata_store_that_began_anew_is_a_cause(recorded: Recorded) -> None:
    """All results are there and whole; what is behind runs because of what is in front."""
    recorded.begin_metadata_anew()
    recorded.run()

    assert texts(recorded, 2, "data") == ["the metadata store has no record of run 1"]
    assert texts(recorded, 2, "split") == ["data: step 'data' ran again"]


def test_another_metadata_store_is_a_cause(recorded: Recorded) -> None:
    """Who asks beforehand hears it as well."""
    recorded.git.commit({".zenml/config.yaml": "version: 1\nmetadata_store: other.db\n"})
    (recorded.git.path / "other.db").touch()
    [foreseen] = impact(locate(recorded.git.path), name="p").pipelines
    recorded.run()

    said = ["the metadata store has no record of run 1"]
    assert [cause.text for cause in foreseen.steps[0].causes] == texts(recorded, 2, "data") == said


MODELS = """version: 1
name: p
kind: custom
steps:
  data: {type: zenrepo.steps.CSVDataStep, args: {path: data/table.csv}}
  evaluator:
    type: zenrepo.steps.ResultsEvaluator
    args: {label: a, model: "pipeline:tea", baseline: blessed}
  inferrer: {type: zenrepo.steps.BatchInferrer, args: {model: "pipeline:tea"}}
"""


def test_an_evaluator_names_what_it_compared_to(recorded: Recorded) -> None:
    """Where that is another model; where it is the same one, its own result was damaged."""
    recorded.git.commit({".zenml/pipelines/p.yaml": MODELS})
    nodes = ("data", "statistics", "schema", "evaluator", "inferrer")
    recorded.run(nodes, facts={"evaluator": {"baseline": "none yet: no model was blessed before"}})
    for _ in range(2):
        recorded.run(["evaluator"], facts={"evaluator": {"baseline": {"run": "p-2"}}})

    assert texts(recorded, 3, "evaluator") == ["the model that it compares to: none yet -> that of run p-2"]
    assert texts(recorded, 4, "evaluator") == ["what run 3 had is not as it was written"]


def test_a_model_that_is_brought_in_is_named(recorded: Recorded) -> None:
    """It is never made by the run itself, so that there is no run to compare to."""
    recorded.git.commit({".zenml/pipelines/p.yaml": MODELS})
    number = recorded.run(made=["data", "statistics", "schema", "evaluator", "inferrer"])

    assert texts(recorded, number, "model") == ["brings in 'pipeline:tea', which no run made"]


def test_a_failed_step_is_compared_to_the_last_good_one(recorded: Recorded) -> None:
    """A run that failed made nothing that could be used again; what came behind it never began."""
    recorded.edit("lib/shape.py", "1", "2")
    recorded.run(made=(), failing="preprocess")
    recorded.run(made=["preprocess", "trainer"])
    states = {each.step: each.state for each in why(locate(recorded.git.path), 2)[1]}

    assert (states["preprocess"], states["trainer"]) == ("failed", "skipped")
    assert why(locate(recorded.git.path), 3, "trainer")[1][0].run == 1


def test_a_rewritten_history_leaves_an_answer(recorded: Recorded) -> None:
    """Where git has thrown the older commit away, the step is named, without lines."""
    recorded.git.commit({"lib/shape.py": "def width(): return 2\n"})
    recorded.run(made=["trainer"])
    plan = locate(recorded.git.path).run("p-1") / "plan.json"
    text = json.loads(plan.read_text())
    plan.write_text(json.dumps({**text, "commit": "1" * 40}))
    [cause] = causes(recorded, 2, "trainer")

    assert cause.text == "steps.net.Net changed since commit 1111111111, which is not to be read any more"
    assert difference(locate(recorded.git.path), cause) == ""


def test_what_is_not_there_is_refused(recorded: Recorded) -> None:
    """A run, a step, and a run that waits."""
    layout = locate(recorded.git.path)
    with Journal(layout.runs_db) as journal:
        journal.add("p", recorded.git.git("rev-parse", "HEAD"), layout.root, "asked for")

    with pytest.raises(UnknownName, match="unknown run '9'"):
        why(layout, 9)
    with pytest.raises(UnknownName, match="unknown step 'trainr'"):
        why(layout, 1, "trainr")
    with pytest.raises(UsageError, match="has not begun"):
        why(layout, 2)


def test_the_command_prints_a_line_a_step(recorded: Recorded, zenrepo: Zenrepo) -> None:
    """With ``--diff`` the changed lines follow; machines get the same."""
    recorded.edit("lib/shape.py", "1", "2")
    recorded.run(made=["trainer"])
    shown = zenrepo(recorded.git.path, "why", "2", "--diff").stdout
    [step] = json.loads(zenrepo(recorded.git.path, "why", "2", "trainer", "--json").stdout)["steps"]

    assert "data        cached    used again from run 1\n" in shown
    assert "trainer     complete  lib/shape.py (+1 -1) changed; since run 1\n" in shown
    assert "-def width(): return 1\n+def width(): return 2\n" in shown
    assert step["causes"][0]["files"] == [{"path": "lib/shape.py", "added": 1, "removed": 1}]
