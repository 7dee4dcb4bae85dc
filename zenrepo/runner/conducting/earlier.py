"""What earlier runs left that a step must know of: the model to compare to, the versions that were deployed."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

from zenrepo.metadata.models import Models
from zenrepo.runner.artifacts.model_folder import model_folder
from zenrepo.runner.compiling.outside import OutsideModel, find, of_model
from zenrepo.runner.compiling.pipeline import Node, canonical
from zenrepo.runs.plan import Plan
from zenrepo.steps.evaluator.thresholds import compares

BLESSED = "blessed"


def earlier(node: Node, plan: Plan, models: Models, model: int) -> dict[str, Any]:
    """Read what a step must know.

    Args:
        node: the step.
        plan: the run.
        models: what ML Metadata knows.
        model: the id of the model that the run has by now.

    Returns:
        ``key``, a part of the step's cache key, and beside it: of an evaluator that compares, ``baseline``: ``model``
        and ``results``, its folders, and ``origin``, what a user is told, all empty where there is none yet; of a
        deployer, ``deployed``, the largest version number there is, and ``withheld``, the version as which a rollback
        took the model out of service, else 0. Nothing of other steps.

    Raises:
        UsageError: if the baseline is named and not there.
    """
    if node.step is None:
        return {}
    if node.kind == "evaluator":
        return _baseline(node, plan, models, model)
    return _deployed(node, models, model) if node.kind == "deployer" else {}


def _baseline(node: Node, plan: Plan, models: Models, model: int) -> dict[str, Any]:
    assert node.step is not None
    wanted = node.step.args.get("baseline") or (BLESSED if compares(node.step.args.get("thresholds")) else "")
    if not wanted:
        return {}
    if wanted != BLESSED:
        found: OutsideModel | None = find(str(wanted), plan, models, node.step)
    else:
        known = models.blessed(plan.pipeline, but=model)
        found = of_model(known) if known else None
    if found is None:
        return {"key": "", "baseline": {"model": "", "results": "", "origin": {}}}
    key = str(found.id or found.properties["digest"])
    folder = model_folder(found.uri)
    return {"key": key, "baseline": {"model": folder, "results": found.results, "origin": found.origin}}


def _deployed(node: Node, models: Models, model: int) -> dict[str, Any]:
    assert node.step is not None
    deployments = models.deployments()
    own = [d for d in deployments if d.type == node.step.type and d.args == canonical(node.step.args)]
    replaced = next((str(d.version) for d in dropwhile(lambda d: d.model == model, own)), "")
    newest = next((d for d in own if d.model == model), None)
    withheld = newest.version if newest and newest.rolled_back else 0
    return {
        "key": f"{replaced} without {withheld}" if withheld else replaced,
        "deployed": max((d.version for d in deployments), default=0),
        "withheld": withheld,
    }
