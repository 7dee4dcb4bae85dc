"""What earlier runs left that a step must know of: the model to compare to, the versions that were deployed."""

from __future__ import annotations

from typing import Any

from zenrepo.metadata.models import Deployment, Models
from zenrepo.runner.model_folder import model_folder
from zenrepo.runner.outside import OutsideModel, find, of_model
from zenrepo.runner.pipeline import Node, canonical
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
        Of an evaluator that compares, ``baseline``: ``key``, which differs where the model does, ``model`` and
        ``results``, its folders, and ``origin``, what a user is told; all empty where there is none yet. Of a
        deployer, ``deployed``, the largest version number there is, and ``rolled_back``, by the id of a model its
        version that was taken out of service where this deployer deploys. Nothing of other steps.

    Raises:
        UsageError: if the baseline is named and not there.
    """
    if node.step is None:
        return {}
    if node.kind == "evaluator":
        return _baseline(node, plan, models, model)
    return _deployed(node, models) if node.kind == "deployer" else {}


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
        return {"baseline": {"key": "", "model": "", "results": "", "origin": {}}}
    key = str(found.id or found.properties["digest"])
    folder = model_folder(found.uri)
    return {"baseline": {"key": key, "model": folder, "results": found.results, "origin": found.origin}}


def _deployed(node: Node, models: Models) -> dict[str, Any]:
    assert node.step is not None
    deployments = models.deployments()
    newest: dict[int, Deployment] = {}
    for deployment in deployments:
        if deployment.type == node.step.type and deployment.args == canonical(node.step.args):
            newest.setdefault(deployment.model, deployment)
    rolled_back = {str(model): found.version for model, found in newest.items() if found.rolled_back}
    return {"deployed": max((d.version for d in deployments), default=0), "rolled_back": rolled_back}
