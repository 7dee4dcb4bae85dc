"""DeployerStep: a model that nothing speaks against is put where it serves."""

from __future__ import annotations

import time
from pathlib import Path

from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from zenrepo.runner.wholeness import DESTINATION, PUSHED
from zenrepo.runner.work import Work
from zenrepo.steps.interfaces.deployer import DeployerStep

VERSION = "pushed_version"


def deploy(work: Work) -> None:
    """Deploy the model, unless an evaluator refused it.

    Args:
        work: with a DeployerStep.
    """
    step = work.step
    assert isinstance(step, DeployerStep)
    pushed = work.output("pushed_model")
    if not _blessed(work.inputs.get("blessing")):
        pushed.set_int_custom_property(PUSHED, 0)
        work.facts.update(deployed=False, reason="the evaluator did not bless the model")
        return
    version = max(int(time.time()), work.deployed + 1)
    model = path_utils.serving_model_path(work.input("model").uri)
    where = step.deploy(model, version)
    pushed.set_int_custom_property(PUSHED, 1)
    pushed.set_string_custom_property(DESTINATION, where)
    pushed.set_string_custom_property(VERSION, str(version))
    work.facts.update(deployed=True, destination=where, version=version)


def _blessed(blessing: list[Artifact] | None) -> bool:
    """Whether the model may be deployed: TFX marks it with a file. Without an evaluator nothing speaks against it."""
    return not blessing or Path(blessing[0].uri, "BLESSED").exists()
