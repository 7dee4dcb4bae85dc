"""What a commit would run, said before anything is queued."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Zenrepo, zenrepo
from tests.conftest import GitRepository
from tests.flows.recorded_runs import NODES, PIPELINE, Recorded
from zenrepo.errors import UnknownName, UsageError
from zenrepo.flows.answers.impact import PipelineImpact, impact
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.intake.trusted import trust
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal

__all__ = ["zenrepo"]


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A pipeline that has run once."""
    found = Recorded(repository, tmp_path / "artifacts")
    found.run()
    return found


def of_pipeline(recorded: Recorded, revision: str | None = None) -> PipelineImpact:
    """Give what would become of the one pipeline."""
    [found] = impact(locate(recorded.git.path), revision).pipelines
    return found


def running(found: PipelineImpact) -> list[str]:
    """Give the steps that would run."""
    return [step.step for step in found.steps if step.runs]


def test_an_edited_helper_runs_its_step(recorded: Recorded) -> None:
    """The others' results are used again; the step took as long as it did last."""
    recorded.edit("lib/shape.py", "1", "2")
    found = of_pipeline(recorded)
    trainer = found.steps[-1]

    assert (found.runs, found.reason, running(found)) == (True, "steps.net.Net changed", ["trainer"])
    assert [cause.text for cause in trainer.causes] == ["lib/shape.py (+1 -1) changed"]
    assert (trainer.run, trainer.seconds) == (1, 5.5)


def test_changed_data_runs_everything(recorded: Recorded) -> None:
    """What takes the output of a step that runs, runs too."""
    recorded.git.commit({"data/table.csv": "a\n2\n"})

    assert running(of_pipeline(recorded)) == list(NODES)


def test_what_is_uncommitted_is_looked_at_first(recorded: Recorded) -> None:
    """As if all of it were committed, new files too; index, refs and working tree stay as they are."""
    recorded.git.write("lib/shape.py", "from lib.more import X\ndef width(): return X\n")
    recorded.git.write("lib/more.py", "X = 1\n")
    recorded.git.write("data/table.csv", "a\n2\n")
    recorded.git.git("add", "data/table.csv")
    before = recorded.git.git("status", "--porcelain"), recorded.git.git("for-each-ref")
    found = impact(locate(recorded.git.path))
    [pipeline] = found.pipelines
    after = recorded.git.git("status", "--porcelain"), recorded.git.git("for-each-ref")

    assert found.new == ""
    assert found.old == recorded.git.git("rev-parse", "HEAD")
    assert pipeline.runs
    assert running(pipeline) == list(NODES)
    assert "lib/more.py (+1 -0)" in pipeline.steps[-1].causes[0].text
    assert after == before


def test_nothing_is_queued(recorded: Recorded) -> None:
    """Nor is a tree checked out."""
    recorded.edit("lib/shape.py", "1", "2")
    layout = locate(recorded.git.path)
    shutil.rmtree(layout.tree("x").parent)
    impact(layout)

    with Journal(layout.runs_db) as journal:
        assert len(journal.runs()) == 1
    assert not layout.tree("x").parent.exists()


def test_it_says_what_the_commit_then_does(recorded: Recorded) -> None:
    """The reason is the one that the run is queued for."""
    recorded.edit("lib/shape.py", "1", "2")
    said = of_pipeline(recorded, "HEAD").reason

    assert [run.reason for run in ingest(locate(recorded.git.path)).runs] == [said]


def test_a_range_is_one_change(recorded: Recorded) -> None:
    """Whatever its commits did one by one; an empty side is HEAD, as for git."""
    first = recorded.git.git("rev-parse", "HEAD")
    recorded.edit("lib/shape.py", "1", "2")
    recorded.git.commit({"README.md": "text"})

    assert running(of_pipeline(recorded, f"{first}..")) == ["trainer"]
    assert of_pipeline(recorded, "HEAD").reason == "nothing of it changed"
    with pytest.raises(UsageError, match="three dots"):
        impact(locate(recorded.git.path), f"{first}...HEAD")


def test_an_undone_change_is_used_again(recorded: Recorded) -> None:
    """From the run before it, not from the newest."""
    recorded.edit("lib/shape.py", "1", "2")
    recorded.run(made=["trainer"])
    recorded.edit("lib/shape.py", "2", "1")
    found = of_pipeline(recorded)

    assert found.runs
    assert (running(found), found.steps[-1].run) == ([], 1)


def test_a_lost_result_is_made_again(recorded: Recorded) -> None:
    """And what takes it is not, where the new result would have another identity."""
    shutil.rmtree(recorded.uri("split"))
    recorded.edit("lib/shape.py", "1", "2")

    assert running(of_pipeline(recorded)) == [name for name in NODES if name != "data"]


def test_nothing_is_used_again_that_the_metadata_store_does_not_know(recorded: Recorded) -> None:
    """Where the store began anew, what was made since counts; where it is gone, nothing."""
    recorded.edit("lib/shape.py", "1", "2")
    recorded.begin_metadata_anew()
    recorded.run()
    recorded.edit("lib/shape.py", "2", "1")
    anew = of_pipeline(recorded)
    locate(recorded.git.path).metadata_db.unlink()
    gone = of_pipeline(recorded)

    assert running(anew) == ["trainer"]
    assert running(gone) == list(NODES)
    assert [cause.text for cause in gone.steps[0].causes] == ["the metadata store has no record of run 2"]


MODELS = """version: 1
name: p
kind: custom
steps:
  data: {type: zenrepo.steps.CSVDataStep, args: {path: data/table.csv}}
  inferrer: {type: zenrepo.steps.BatchInferrer, args: {model: models/tea}}
  deployer: {type: zenrepo.steps.FolderDeployer, args: {path: serving}}
"""


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (".zenml/pipelines/p.yaml", "models/tea", "models/coffee", 'model: "models/tea" -> "models/coffee"'),
        ("models/tea/saved_model.pb", "1", "2", "'models/tea' changed"),
    ],
)
def test_another_model_from_outside_runs_all_that_takes_it(
    recorded: Recorded, path: str, old: str, new: str, said: str
) -> None:
    """Also what has no argument that names it."""
    models = {f"models/{name}/saved_model.pb": f"{name} 1" for name in ("tea", "coffee")}
    recorded.git.commit({".zenml/pipelines/p.yaml": MODELS, **models})
    recorded.run(made=["data", "statistics", "schema", "inferrer", "deployer"])
    recorded.edit(path, old, new)
    [found] = impact(locate(recorded.git.path), name="p").pipelines

    assert running(found) == ["model", "inferrer", "deployer"]
    assert [[cause.text for cause in step.causes] for step in found.steps if step.step == "model"] == [[said]]


def test_one_model_is_the_same_whichever_step_brings_it_in(recorded: Recorded) -> None:
    """The step that names a model first gives the node its name; without it, the next one does."""
    more = "  more: {type: zenrepo.steps.BatchInferrer, args: {model: models/tea}}\n"
    both = MODELS.replace("  inferrer: {", f"{more}  inferrer: {{")
    recorded.git.commit({".zenml/pipelines/p.yaml": both, "models/tea/saved_model.pb": "tea"})
    recorded.run(made=["data", "statistics", "schema", "more", "inferrer", "deployer"])
    recorded.edit(".zenml/pipelines/p.yaml", more, "")
    [found] = impact(locate(recorded.git.path), name="p").pipelines

    assert running(found) == []


def test_a_pipeline_that_never_ran_has_no_figures(repository: GitRepository, tmp_path: Path) -> None:
    """Every step runs, for nobody knows how long."""
    found = of_pipeline(Recorded(repository, tmp_path))

    assert running(found) == list(NODES)
    assert {step.seconds for step in found.steps} == {None}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[commit]", "[manual]", "it runs by hand, not on a commit"),
        (
            "[commit]",
            "[tag, schedule]\n  tags: [v*, w*]\n  schedule: 0 3 * * *\n  timezone: Europe/Berlin",
            "it runs on tag v*, w* and at 0 3 * * * (Europe/Berlin), not on a commit",
        ),
        ("[commit]", "[push, tag]", "it runs on a push and on a tag, not on a commit"),
        ("branches: []", "branches: [release/*]", "its file changed, but it runs on release/*, and this is main"),
        ("paths: []", "paths: [lib/**]", "nothing of it changed"),
    ],
)
def test_a_trigger_that_does_not_fit_is_named(recorded: Recorded, old: str, new: str, reason: str) -> None:
    """Nothing runs then, and it is said why."""
    recorded.edit(".zenml/pipelines/p.yaml", old, new)
    found = of_pipeline(recorded)

    assert (found.runs, found.reason, found.steps) == (False, reason, [])


def test_a_tag_is_asked_about_by_its_name(recorded: Recorded, zenrepo: Zenrepo) -> None:
    """Also before it is made; what its commit changed does not matter."""
    recorded.edit(".zenml/pipelines/p.yaml", "[commit]", "[tag]\n  tags: [v*]")
    recorded.git.trust()
    recorded.edit("lib/shape.py", "1", "2")
    recorded.git.commit({"README.md": "text"})
    layout = locate(recorded.git.path)
    [before] = impact(layout, tag="v1").pipelines
    [other] = impact(layout, tag="w1").pipelines
    recorded.git.git("tag", "v1")
    recorded.git.git("tag", "--annotate", "--message", "none [skip zenrepo]", "v2")
    [after] = impact(layout, "v1").pipelines
    [skipped] = impact(layout, "v2").pipelines
    plain = json.loads(zenrepo(recorded.git.path, "impact", "v1", "--json").stdout)

    assert before == after
    assert (before.runs, before.reason, running(before)) == (True, "tag v1", ["trainer"])
    assert (other.runs, other.reason) == (False, "it runs on tag v*, and this is tag w1")
    assert (skipped.runs, skipped.reason) == (False, "tag v2, but its message says to queue no run")
    assert (plain["event"], plain["tag"], plain["old"]) == ("tag", "v1", None)
    assert plain["pipelines"][0]["when"] == ["on tag v*"]
    assert zenrepo(recorded.git.path, "impact", "v1").stdout.startswith("tag v1 at commit ")
    with pytest.raises(UsageError, match=r"no commit is named 'v9'\nhint: .*impact --tag v9"):
        impact(layout, "v9")
    with pytest.raises(UsageError, match="a tag names one commit"):
        impact(layout, "HEAD~..HEAD", tag="v1")


def test_a_tag_on_no_branch_of_ones_own_runs_nothing(recorded: Recorded) -> None:
    """As the hook decides."""
    recorded.edit(".zenml/pipelines/p.yaml", "[commit]", "[tag]")
    recorded.git.git("tag", "v1")
    recorded.git.git("reset", "--quiet", "--hard", "HEAD~")

    found = of_pipeline(recorded, "v1")

    assert (found.runs, found.reason) == (False, "tag v1, but no branch here has its commit")


def test_a_push_is_asked_about_where_it_is_received(recorded: Recorded, tmp_path: Path, zenrepo: Zenrepo) -> None:
    """With what was there and what comes; the branch is the one that the range names, or another."""
    recorded.edit(".zenml/pipelines/p.yaml", "on: [commit]\n  branches: []", "on: [push]\n  branches: [main]")
    recorded.git.git("branch", "side")
    recorded.edit("lib/shape.py", "1", "2")
    bare = tmp_path / "server.git"
    recorded.git.git("clone", "--quiet", "--bare", ".", str(bare))
    zenrepo(bare, "init")
    trust(locate(bare))
    [found] = impact(locate(bare), "side..main").pipelines
    [other] = impact(locate(bare), "side..main", branch="side").pipelines
    [named] = impact(locate(bare), "side").pipelines

    assert (found.runs, found.reason) == (True, "push to main: steps.net.Net changed")
    assert other.reason == "push to side: steps.net.Net changed, but it runs on main, and this is side"
    assert named.reason == "push to side: its file changed, but it runs on main, and this is side"
    assert (other.runs, named.runs) == (False, False)
    assert zenrepo(bare, "impact").stdout.startswith("push to main: commit ")


def test_a_message_that_asks_for_no_run_is_heeded(recorded: Recorded) -> None:
    """As by the hook."""
    recorded.git.commit({"lib/shape.py": "def width(): return 2\n"}, "two [skip zenrepo]")

    found = of_pipeline(recorded)

    assert not found.runs
    assert found.reason == "steps.net.Net changed, but its message says to queue no run"


def test_a_pipeline_that_is_run_by_hand_is_asked_for_by_name(recorded: Recorded) -> None:
    """Its steps are looked at, though no trigger runs it."""
    recorded.edit(".zenml/pipelines/p.yaml", "[commit]", "[manual]")
    recorded.edit("lib/shape.py", "1", "2")
    layout = locate(recorded.git.path)
    [found] = impact(layout, name="p").pipelines

    assert not found.runs
    assert running(found) == ["trainer"]
    with pytest.raises(UnknownName, match="unknown pipeline 'q'"):
        impact(layout, name="q")


def test_a_pipeline_that_cannot_run_says_so(recorded: Recorded) -> None:
    """With the line and the cure, before it is committed; a file that cannot be read hides no other."""
    recorded.git.write(".zenml/pipelines/p.yaml", PIPELINE.replace("steps.net.Net", "steps.net.Nat"))
    recorded.git.write(".zenml/pipelines/q.yaml", "version: 1\nname: q\nstep: 1\n")
    found = impact(locate(recorded.git.path))

    assert [(p.pipeline, p.runs, p.error and p.error.hint) for p in found.pipelines] == [
        ("p", False, "did you mean 'steps.net.Net'?")
    ]
    assert "q.yaml:3" in str(found.broken[0])


def test_before_the_first_commit_the_files_are_looked_at(repository: GitRepository) -> None:
    """All of them are new."""
    repository.write(
        ".zenml/pipelines/p.yaml", PIPELINE.replace("steps.net.Net", "zenrepo.steps.KerasFeedForwardTrainer")
    )
    repository.write(
        ".zenml/pipelines/p.yaml",
        (repository.path / ".zenml/pipelines/p.yaml").read_text().replace("args: {}", "args: {label: a}"),
    )
    repository.write("data/table.csv", "a\n1\n")
    repository.trust()
    [found] = impact(locate(repository.path)).pipelines

    assert found.reason == "its file changed"
    assert running(found) == list(NODES)


def test_a_glob_of_data_finds_what_the_commit_has(recorded: Recorded) -> None:
    """The same files as in a run, so that they are used again."""
    recorded.edit(".zenml/pipelines/p.yaml", "data/table.csv", "data/*.csv")
    recorded.run()
    recorded.edit("lib/shape.py", "1", "2")

    assert running(of_pipeline(recorded)) == ["trainer"]


def test_the_command_prints_a_table(recorded: Recorded, zenrepo: Zenrepo) -> None:
    """A line a step, and what the run would take; machines get the same."""
    recorded.edit("lib/shape.py", "1", "2")
    shown = zenrepo(recorded.git.path, "impact").stdout
    [plain] = json.loads(zenrepo(recorded.git.path, "impact", "HEAD", "--json").stdout)["pipelines"]

    assert "pipeline 'p' runs: steps.net.Net changed\n" in shown
    assert "trainer     runs              5.5 s      lib/shape.py (+1 -1) changed; since run 1\n" in shown
    assert "data        run 1 used again  0.5 s\n" in shown
    assert shown.endswith("1 step to run: 5.5 s\n")
    assert [step["step"] for step in plain["steps"] if step["runs"]] == ["trainer"]


@pytest.mark.imports
@pytest.mark.parametrize("command", [["impact"], ["why", "1"]])
def test_the_command_imports_nothing_heavy(recorded: Recorded, command: list[str]) -> None:
    """It is an answer, not a run."""
    recorded.edit("lib/shape.py", "1", "2")
    script = (
        f"import sys; sys.argv[1:] = {command!r}\nfrom zenrepo.cli.app import run\n"
        "try:\n    run()\nfinally:\n    print(' '.join(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=recorded.git.path, capture_output=True, text=True, check=True
    )

    assert not {"tensorflow", "tfx", "apache_beam", "ml_metadata", "numpy", "pandas"} & set(done.stderr.split())


def test_a_project_in_a_folder_sees_its_own_files(recorded: Recorded, tmp_path: Path) -> None:
    """Paths are those from the project's folder, in a linked worktree as well."""
    files = {
        name: (recorded.git.path / name).read_text() for name in ("steps/net.py", "lib/shape.py", "data/table.csv")
    }
    files |= {".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/p.yaml": PIPELINE}
    recorded.git.commit({f"projects/one/{name}": text for name, text in files.items()})
    (recorded.git.path / ".git" / "zenml" / "projects" / "projects%2Fone").mkdir(parents=True)
    recorded.git.trust("projects/one")
    recorded.git.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    project = tmp_path / "linked" / "projects" / "one"
    (project / "data" / "table.csv").write_text("a\n2\n")
    (tmp_path / "linked" / "lib" / "shape.py").write_text("def width(): return 9\n")
    [found] = impact(locate(project)).pipelines

    assert found.reason == "data/table.csv changed"
    assert running(found) == list(NODES)
