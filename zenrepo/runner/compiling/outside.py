"""Models from outside a pipeline: deployed ones, those of another pipeline or run, and folders from elsewhere.

All is found in ML Metadata and the file system, without TensorFlow.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zenrepo.errors import StepFailed, UsageError, did_you_mean
from zenrepo.metadata.models import Deployment, Model, Models
from zenrepo.runner.artifacts.model_folder import SERVING
from zenrepo.runner.artifacts.wholeness import digest
from zenrepo.runs.plan import Plan, PlannedStep

MODEL = "model"
"""The argument that names a model, and the node that brings it in."""

TAKES_MODEL = ("evaluator", "inferrer")
PIPELINE, RUN = "pipeline:", "run:"
WAYS = (
    "give 'pipeline:<name>', 'run:<number>', where a model was deployed to, or the folder of a SavedModel"
    " relative to the repository"
)


@dataclass(frozen=True)
class OutsideModel:
    """A model from outside the pipeline.

    Args:
        uri: of its Model artifact, which exists or is to be made.
        origin: what a user is told of it.
        properties: of an artifact that is to be made.
        id: of the artifact that exists; 0 for one that is to be made.
        results: the folder of its trainer's test results; empty where there are none.
    """

    uri: str
    origin: dict[str, str]
    properties: dict[str, str] = field(default_factory=dict)
    id: int = 0
    results: str = ""


def find(reference: str, plan: Plan, models: Models, step: PlannedStep) -> OutsideModel:
    """Find the model that a step's argument names.

    Args:
        reference: the argument.
        plan: the run.
        models: what ML Metadata knows.
        step: the step, for its files and for errors.

    Returns:
        The model. A folder from elsewhere is copied into the artifact store, named by its content.

    Raises:
        UsageError: if there is no such model, with what is near.
        StepFailed: if its files are gone.
    """
    if reference.startswith(PIPELINE):
        return _known(_of_pipeline(reference.removeprefix(PIPELINE), models), reference)
    if reference.startswith(RUN):
        return _known(_of_run(reference.removeprefix(RUN), models), reference)
    destination = reference.rstrip("/") if "://" in reference else str(Path(plan.repository, reference))
    deployed = [d for d in models.deployments() if destination in (d.place, d.destination)]
    if deployed:
        return _known(_of_deployment(deployed[0], models), reference, deployed[0])
    folder = Path(step.inputs[reference].path if reference in step.inputs else destination)
    if not folder.is_dir():
        problem = f"step '{step.name}' names the model '{reference}', which is not there"
        raise UsageError(problem, _near(reference, plan, models))
    return _copied(folder, reference, plan)


def _of_pipeline(name: str, models: Models) -> Model:
    found = models.newest(name)
    if found:
        return found
    known = models.pipelines()
    if name not in known:
        raise UsageError(
            f"no pipeline '{name}' ever ran here",
            did_you_mean(name, known) or (f"there are {', '.join(known)}" if known else "run one that trains a model"),
        )
    raise UsageError(
        f"pipeline '{name}' has no model that its evaluator blessed",
        "name a run's model with 'run:<number>', or train a better one",
    )


def _of_run(number: str, models: Models) -> Model:
    runs = models.runs()
    run = next((run for run in runs if number in (run, run.rpartition("-")[2])), None)
    if run is None:
        raise UsageError(f"there is no run '{number}'", "'zenrepo runs' lists them")
    found = models.of_run(run)
    if found is None:
        raise UsageError(f"run '{number}' made no model", "'zenrepo runs' lists the runs; name one that has a trainer")
    return found


def _of_deployment(deployment: Deployment, models: Models) -> Model:
    if not deployment.model:
        raise UsageError(f"it is not known which model '{deployment.destination}' is", WAYS)
    return models.model(deployment.model)


def _known(model: Model, reference: str, deployment: Deployment | None = None) -> OutsideModel:
    """Refuse a model whose files are gone, and say where it comes from."""
    if not Path(model.uri).is_dir():
        raise StepFailed(
            f"the files of the model '{reference}' are gone from '{model.uri}'", "train it again, or name another"
        )
    origin = {"model": reference} | ({"deployed": deployment.destination} if deployment else {})
    return of_model(model, origin)


def of_model(model: Model, origin: Mapping[str, str] | None = None) -> OutsideModel:
    """Take a model that ML Metadata knows, with what a user is told of it beside the run that made it."""
    made = {"run": model.run, "commit": model.commit[:12]}
    told = {**(origin or {}), **{name: value for name, value in made.items() if value}}
    return OutsideModel(model.uri, told, id=model.id, results=model.results)


def _copied(folder: Path, reference: str, plan: Plan) -> OutsideModel:
    """Copy a folder from elsewhere into the artifact store, where it stays as it is now."""
    content = digest(folder)
    store = Path(plan.artifact_store, plan.pipeline, MODEL, content[:16])
    if not store.exists():
        beside = store.with_name(f".{uuid.uuid4().hex}.part")
        try:
            shutil.copytree(folder, beside / SERVING)
            os.rename(beside, store)  # noqa: PTH104 - says what it is: one step of the file system
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise StepFailed(f"the model '{reference}' cannot be copied: {error}", "see the disk") from error
    origin = {"model": reference, "digest": content[:16]}
    return OutsideModel(str(store), origin, {"source": reference, "digest": content})


def _near(reference: str, plan: Plan, models: Models) -> str:
    root = f"{plan.repository}/"
    places = {d.place.removeprefix(root) for d in models.deployments()}
    known = [*places, *(f"{PIPELINE}{name}" for name in models.pipelines())]
    return did_you_mean(reference, known) or WAYS
