"""Which step fits which backend is said by one table, and enforced before anything runs."""

from __future__ import annotations

import pytest

from zenrepo.backends import LocalOrchestrator, LocalProcessing, LocalTraining, ProcessingBackend
from zenrepo.backends.fits import FITS, INTERFACES
from zenrepo.errors import StepArgumentError, UsageError
from zenrepo.pipeline_files.file import read, write
from zenrepo.pipelines import DataPipeline, TrainingPipeline
from zenrepo.sources.shipped import BACKEND_INTERFACES, STANDARD_BACKENDS
from zenrepo.steps import CSVDataStep, FolderDeployer, KerasFeedForwardTrainer, RandomSplit, StandardPreprocess
from zenrepo.steps.base import BaseStep

LOCAL = {"processing": LocalProcessing(), "training": LocalTraining(), "orchestrator": LocalOrchestrator()}
STEPS: list[BaseStep] = [
    CSVDataStep(path="a.csv"),
    RandomSplit(),
    StandardPreprocess(label="y"),
    KerasFeedForwardTrainer(label="y"),
    FolderDeployer(path="serving"),
]


class Mine(ProcessingBackend):
    """A backend of a user's own."""

    def pipeline_options(self):
        """Name Beam's local runner."""
        return {"runner": "FnApiRunner"}


@pytest.mark.parametrize("kind", LOCAL)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_takes_the_backends_that_the_table_gives_it(step: BaseStep, kind: str) -> None:
    """And refuses all others, saying what would fit."""
    again = type(step)(**step.args)
    if FITS.get(step.KIND) == kind:
        assert again.with_backend(LOCAL[kind]).backend is LOCAL[kind]
        return

    with pytest.raises(UsageError) as refused:
        again.with_backend(LOCAL[kind])
    assert type(step).__qualname__ in refused.value.message
    assert f"zenrepo.backends.{type(LOCAL[kind]).__name__}" in refused.value.message
    fit = FITS.get(step.KIND)
    assert (INTERFACES[fit] if fit else "give it no backend") in refused.value.hint


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (5, "with_backend takes an instance of a backend, but got 5"),
        (LocalProcessing, "with_backend takes an instance of a backend, but got the class 'LocalProcessing'"),
        (RandomSplit(), "with_backend takes an instance of a backend, but got RandomSplit()"),
    ],
)
def test_what_is_no_backend_is_refused(backend: object, message: str) -> None:
    """By step and pipeline alike."""
    for owner in (RandomSplit(), DataPipeline("tea")):
        with pytest.raises(UsageError) as refused:
            owner.with_backend(backend)

        assert refused.value.message == message


def test_a_pipeline_is_conducted_by_orchestrators_alone() -> None:
    """A processing backend is refused."""
    with pytest.raises(UsageError, match=r"a pipeline cannot be conducted by 'zenrepo\.backends\.LocalProcessing'"):
        DataPipeline("tea").with_backend(LocalProcessing())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"mode": "multi_procesing"}, "mode 'multi_procesing' is not known"),
        ({"workers": -1}, "workers is -1"),
        ({"workers": True}, "workers is True"),
        ({"workers": 4}, "4 workers cannot work in one process"),
    ],
)
def test_a_local_backend_refuses_what_it_cannot_do(arguments: dict[str, object], problem: str) -> None:
    """Naming the argument."""
    with pytest.raises(StepArgumentError) as refused:
        LocalProcessing(**arguments)

    assert problem in refused.value.message


def test_backends_are_written_into_the_file_and_read_back() -> None:
    """Beside the step that works there, and at the top for the whole pipeline."""
    pipeline = (
        TrainingPipeline("tea")
        .add_data(CSVDataStep(path="a.csv").with_backend(LocalProcessing(mode="multi_processing", workers=2)))
        .add_split(RandomSplit())
        .add_preprocess(StandardPreprocess(label="y"))
        .add_trainer(KerasFeedForwardTrainer(label="y").with_backend(LocalTraining()))
        .with_backend(LocalOrchestrator())
    )

    text = write(pipeline.to_file())

    assert read(text.encode(), ".zenml/pipelines/tea.yaml") == pipeline.to_file()
    assert "backend:\n  type: zenrepo.backends.LocalOrchestrator\nsteps:\n" in text
    assert (
        "    backend:\n      type: zenrepo.backends.LocalProcessing\n      args:\n"
        "        mode: multi_processing\n        workers: 2\n" in text
    )


def test_what_ships_is_listed() -> None:
    """The names that reading knows are those of the classes."""
    import zenrepo.backends as room

    kinds = {name: getattr(room, name).KIND for name in {**BACKEND_INTERFACES, **STANDARD_BACKENDS}}

    assert kinds == {**BACKEND_INTERFACES, **STANDARD_BACKENDS}
    assert set(room.__all__) == {*kinds, "Backend", "TrainingJob"}


def test_a_backend_of_ones_own_has_a_type() -> None:
    """The dotted path of its class, as a step has."""
    assert Mine().step_type().endswith("test_fits.Mine")
