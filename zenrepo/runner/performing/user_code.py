"""The functions that TFX calls a user's step through, by their dotted paths.

TFX finds user code by the path of a function and loads the module anew each time, so nothing is kept here: a step goes
through as a small map that it is made from, or found by, wherever Beam or TFX calls.
"""

from __future__ import annotations

from typing import Any

from zenrepo.runner.performing.step_load import step_of
from zenrepo.steps.interfaces.preprocess import PreprocessStep
from zenrepo.steps.interfaces.trainer import CHECKPOINTS, TEST_RESULTS, TESTED, TrainerStep

FOLDERS = (TEST_RESULTS, TESTED, CHECKPOINTS)
"""What the runner adds to what a trainer is made from."""


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
    """Call ``PreprocessStep.preprocessing_fn``, as TFX's Transform does."""
    step = step_of(custom_config)
    assert isinstance(step, PreprocessStep)
    return step.preprocessing_fn(inputs)


def run_fn(fn_args: Any) -> None:
    """Call ``TrainerStep.run_fn``, as TFX's Trainer does."""
    config = {key: value for key, value in fn_args.custom_config.items() if key not in FOLDERS}
    step = step_of(config)
    assert isinstance(step, TrainerStep)
    step.run_fn(fn_args)
