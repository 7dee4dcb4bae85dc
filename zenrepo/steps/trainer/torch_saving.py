"""Saves a trained PyTorch module.

This module imports PyTorch and TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zenrepo.errors import StepFailed
from zenrepo.steps.trainer.results import Tests
from zenrepo.steps.trainer.saved import EXPORTED, write_note
from zenrepo.steps.trainer.serving import Served
from zenrepo.steps.trainer.torch_network import Rebuilt
from zenrepo.steps.trainer.torch_training import predict, tensors

if TYPE_CHECKING:  # the annotations alone need it
    from tfx.components.trainer.fn_args_utils import FnArgs

WEIGHTS = "state_dict.pt"
CLOSE = 1e-4
"""By how much the predictions of a network that was rebuilt may differ."""


def save(module: Any, tests: Tests, fn_args: FnArgs) -> None:
    """Save any module in PyTorch's own format, with the transform beside.

    Args:
        module: trained.
        tests: what it was trained for.
        fn_args: TFX's: where the model goes.

    Raises:
        StepFailed: if PyTorch cannot export the module.
    """
    folder = Path(fn_args.serving_model_dir)
    inputs = tensors(next(iter(tests.inputs())))
    two = {name: torch.cat([values[:1], values[:1]]) for name, values in inputs.items()}
    shapes = {name: {0: torch.export.Dim("batch")} for name in two}
    try:
        exported = torch.export.export(module, (two,), dynamic_shapes=(shapes,))
    except Exception as error:
        raise StepFailed(
            f"PyTorch cannot export the module: {str(error).strip().splitlines()[0]}",
            "let its forward take any batch size and use no Python that depends on values",
        ) from error
    write_note(str(folder), "torch", tests)
    torch.export.save(exported, folder / EXPORTED)
    torch.save(module.state_dict(), folder / WEIGHTS)


def save_as_tensorflow(module: Any, tests: Tests, fn_args: FnArgs) -> None:
    """Save a feed-forward network as a SavedModel, and its weights as PyTorch has them beside.

    Args:
        module: trained, a ``FeedForward``.
        tests: what it was trained for.
        fn_args: TFX's: where the model goes.

    Raises:
        StepFailed: if the SavedModel predicts something else.
    """
    rebuilt = Rebuilt(module, tests.problem)
    inputs = next(iter(tests.inputs()))
    difference = np.abs(rebuilt(inputs).numpy() - predict(module, inputs, tests.problem))
    scale = 1 + np.abs(rebuilt(inputs).numpy())
    if not (difference <= CLOSE * scale).all():
        raise StepFailed(
            f"the network rebuilt in TensorFlow predicts otherwise, by up to {difference.max():g}",
            "extend TorchTrainer instead, which saves any module",
        )
    served = Served(rebuilt, tests.features, tests.graph, fn_args.schema_path)
    served.track(rebuilt)
    served.save(fn_args.serving_model_dir)
    extra = Path(fn_args.serving_model_dir, "assets.extra")
    extra.mkdir(exist_ok=True)
    torch.save(module.state_dict(), extra / WEIGHTS)
