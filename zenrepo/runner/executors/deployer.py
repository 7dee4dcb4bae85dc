"""DeployerStep: a model that nothing speaks against is put where it serves."""

from __future__ import annotations

import time
from pathlib import Path

from tfx.types.artifact import Artifact

from zenrepo.runner.artifacts.model_folder import model_folder
from zenrepo.runner.artifacts.wholeness import DESTINATION, PUSHED
from zenrepo.runner.performing.work import Work
from zenrepo.steps.interfaces.deployer import DeployerStep

VERSION = "pushed_version"


def deploy(work: Work) -> None:
    """Deploy the model, unless an evaluator refused it or a rollback took it out of service.

    Args:
        work: with a DeployerStep.
    """
    step = work.step
    assert isinstance(step, DeployerStep)
    pushed, model = work.output("pushed_model"), work.input("model")
    reason = _refused(work)
    if reason:
        pushed.set_int_custom_property(PUSHED, 0)
        work.facts.update(deployed=False, reason=reason)
        return
    version = max(int(time.time()), work.earlier["deployed"] + 1)
    where = step.deploy(model_folder(model.uri), version)
    version = _version(where, version)
    pushed.set_int_custom_property(PUSHED, 1)
    pushed.set_string_custom_property(DESTINATION, where)
    pushed.set_string_custom_property(VERSION, str(version))
    work.facts.update(deployed=True, destination=where, version=version)


def _refused(work: Work) -> str:
    """Say why the model is not deployed; nothing where it may be."""
    if not _blessed(work.inputs.get("blessing")):
        return "the evaluator did not bless the model"
    version = work.earlier["withheld"]
    return f"a rollback took this model out of service, as version {version}" if version else ""


def _blessed(blessing: list[Artifact] | None) -> bool:
    """Whether the model may be deployed: TFX marks it with a file. Without an evaluator nothing speaks against it."""
    return not blessing or Path(blessing[0].uri, "BLESSED").exists()


def _version(where: str, version: int) -> int:
    """Read the version from where the model was put: a deployer may take a larger number than it was given."""
    name = where.rstrip("/").rpartition("/")[2].partition(".")[0]
    return int(name) if name.isdecimal() and int(name) > version else version
