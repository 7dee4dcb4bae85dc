"""Classes that arguments name are part of what a run executes."""

from __future__ import annotations

import pytest

from tests.conftest import GitRepository
from zenrepo.errors import PinError, PipelineFileError
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.locate import locate
from zenrepo.pipelines import CustomPipeline
from zenrepo.runner.performing.step_load import config_of, step_of
from zenrepo.runs.journal import Journal
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.sources.load import load

STEP = """
from zenrepo.steps import CustomStep


class Uses(CustomStep):
    def __init__(self, *, model, since=None, other=None):
        self.model, self.since, self.other = model, since, other

    def run(self, examples, output):
        pass
"""
NET = "from lib.size import SIZE\n\n\nclass Net:\n    layers = SIZE\n"
PIPELINE = """version: 1
name: p
kind: custom
trigger: {on: [manual]}
steps:
  uses:
    type: steps.uses.Uses
    args:
      model: !class nets.Net
      since: !date 2024-05-01
      other: !class collections.OrderedDict
"""


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository whose pipeline names a class by reference."""
    repository.commit(
        {"steps/uses.py": STEP, "nets.py": NET, "lib/size.py": "SIZE = 1\n", ".zenml/pipelines/p.yaml": PIPELINE}
    )
    repository.trust()
    return repository


def planned(project: GitRepository) -> tuple[Plan, PlannedStep]:
    """Plan a run of HEAD."""
    layout = locate(project.path)
    with Journal(layout.runs_db) as journal:
        run = journal.add("p", project.git("rev-parse", "HEAD"), layout.root, "asked for")
    plan = resolve(layout, run)
    return plan, plan.steps[0]


def test_the_digest_follows_the_closure_of_the_class(project: GitRepository) -> None:
    """A change of what the class imports counts, one of anything else does not; the environment's have no digest."""
    first = planned(project)[1].classes
    project.commit({"lib/other.py": "X = 1\n"})
    same = planned(project)[1].classes
    project.commit({"lib/size.py": "SIZE = 2\n"})
    changed = planned(project)[1].classes

    assert list(first) == ["nets.Net"]
    assert first == same
    assert first != changed


def test_the_step_is_made_with_the_class_itself(project: GitRepository) -> None:
    """And with a date."""
    plan, step = planned(project)

    made = step_of(config_of(plan, step) | {"pin": f"steps.uses.Uses@{plan.commit}"})

    assert made.model.layers == 1
    assert (made.since.year, made.other.__name__) == (2024, "OrderedDict")


def test_the_class_of_a_pinned_step_is_as_old_as_the_step(project: GitRepository) -> None:
    """It comes from the commit of the pin."""
    old = project.git("rev-parse", "HEAD")
    project.commit(
        {"lib/size.py": "SIZE = 2\n", ".zenml/pipelines/p.yaml": PIPELINE.replace("Uses\n", f"Uses@{old}\n")}
    )
    plan, step = planned(project)

    assert step.pinned
    assert step_of(config_of(plan, step)).model.layers == 1


def test_a_pinned_step_takes_no_class_of_today(project: GitRepository) -> None:
    """The commit of the pin had no such module yet: the class is refused, and is pinned by itself where it is meant."""
    pin = project.git("rev-parse", "HEAD")
    pinned = PIPELINE.replace("steps.uses.Uses", f"steps.uses.Uses@{pin}").replace("nets.Net", "younger.nets.Net")
    project.commit({"younger/nets.py": NET, ".zenml/pipelines/p.yaml": pinned})
    young = project.git("rev-parse", "HEAD")

    with pytest.raises(PinError, match=f"commit {pin[:12]} has no class 'younger.nets.Net'"):
        planned(project)

    project.commit({".zenml/pipelines/p.yaml": pinned.replace("younger.nets.Net", f"younger.nets.Net@{young}")})
    plan, step = planned(project)
    made = step_of(config_of(plan, step))
    assert made.model.__module__.endswith(".younger.nets")
    assert len(step.classes) == 1


def test_a_pinned_class_is_written_with_its_pin(project: GitRepository) -> None:
    """So that the file means what Python meant."""
    commit = project.git("rev-parse", "HEAD")
    uses = load(f"steps.uses.Uses@{commit}", project.path)
    net = load(f"nets.Net@{commit}", project.path)

    pipeline = CustomPipeline("q").add_step("uses", uses(model=net))

    assert pipeline.steps["uses"].args == {"model": {"!class": f"nets.Net@{commit}"}}


def test_a_commit_that_changes_the_class_queues_a_run(project: GitRepository) -> None:
    """Or what it imports; a commit that changes another module queues none."""
    project.commit({".zenml/pipelines/p.yaml": PIPELINE.replace("manual", "commit")})
    ingest(locate(project.path))
    project.commit({"lib/other.py": "X = 1\n"})
    none = ingest(locate(project.path)).runs
    project.commit({"lib/size.py": "SIZE = 2\n"})
    [run] = ingest(locate(project.path)).runs

    assert (none, run.reason) == ([], "nets.Net changed")


def test_a_class_that_is_not_there_is_refused_with_its_line(project: GitRepository) -> None:
    """And with what is near."""
    project.commit({".zenml/pipelines/p.yaml": PIPELINE.replace("nets.Net", "nets.Nett")})

    with pytest.raises(PipelineFileError) as refused:
        planned(project)

    assert "p.yaml:9: unknown class 'nets.Nett'" in str(refused.value)
    assert "did you mean 'nets.Net'?" in str(refused.value)
