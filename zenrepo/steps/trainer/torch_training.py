"""Trains a PyTorch module.

This module imports PyTorch and TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tensorflow as tf
import tensorflow_transform as tft
import torch

from zenrepo.errors import StepFailed
from zenrepo.steps.trainer.epochs import Epochs
from zenrepo.steps.trainer.features import Features
from zenrepo.steps.trainer.folders import checkpoint_folder
from zenrepo.steps.trainer.problem import BINARY, MULTI_CLASS, Problem, problem_of
from zenrepo.steps.trainer.results import Tests
from zenrepo.steps.trainer.weights import class_weights

if TYPE_CHECKING:  # the step imports this module
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.torch_trainer import TorchTrainer

SHUFFLE = 10_000
CURE = "lower 'learning_rate', and let the preprocess step scale every number"
CHECKPOINT = "checkpoint.pt"


class Batches:
    """Batches of transformed examples as PyTorch's tensors, in another order each time where they are shuffled.

    Args:
        files: patterns of gzipped TFRecords.
        features: of the examples.
        size: of a batch.
        seed: of the order; ``None`` for that of the files.
    """

    def __init__(self, files: list[str], features: Features, size: int, seed: int | None) -> None:
        examples = features.dataset(files)
        if seed is not None:
            examples = examples.shuffle(SHUFFLE, seed=seed, reshuffle_each_iteration=True)
        self._batches = features.batches(examples, size)

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        for inputs, labels in self._batches.as_numpy_iterator():
            yield tensors(inputs), torch.from_numpy(labels)


def tensors(inputs: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Make PyTorch's tensors of a model's inputs."""
    return {name: torch.from_numpy(getattr(values, "numpy", lambda v=values: v)()) for name, values in inputs.items()}


@dataclass
class Training:
    """A training: what it needs, and how far it is.

    Args:
        step: the trainer.
        module: that is trained.
        problem: what it predicts.
        weights: of each class.
        epoch: how many epochs are done.
        history: by epoch, the losses.
        best: the weights of the best epoch so far.
    """

    step: TorchTrainer
    module: torch.nn.Module
    problem: Problem
    weights: torch.Tensor | None
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)

    def loss(self, inputs: dict[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Compute the loss of a batch."""
        outputs = self.module(inputs)
        if tuple(outputs.shape) != (len(labels), self.problem.outputs):
            raise StepFailed(
                f"the module gives a tensor of shape {tuple(outputs.shape)} for {len(labels)} examples of a "
                f"{self.problem.kind} problem",
                "end with torch.nn.Linear(…, problem.outputs)",
            )
        flat = labels.reshape(-1)
        target = flat.long() if self.problem.classes else flat.float()
        weights = torch.ones(len(target)) if self.weights is None else self.weights[target]
        loss: torch.Tensor = self.step.loss_fn(outputs, target, self.problem, weights)
        return loss

    @property
    def epochs_since_best(self) -> int:
        """How many epochs ago the loss on the evaluation data was lowest."""
        losses = [epoch["val_loss"] for epoch in self.history]
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0

    def state(self) -> dict[str, Any]:
        """What must be known to go on."""
        return {
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "history": self.history,
            "best": self.best,
            "random": torch.get_rng_state(),
        }

    def go_on(self, state: dict[str, Any]) -> None:
        """Go on where another training stopped."""
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.history, self.best = state["epoch"], state["history"], state["best"]
        torch.set_rng_state(state["random"])


def train(step: TorchTrainer, fn_args: FnArgs) -> None:
    """Train a module, test it and save it.

    Args:
        step: the trainer.
        fn_args: TFX's: where the examples are and where the model goes.

    Raises:
        StepFailed: as ``TorchTrainer.run_fn`` says.
    """
    torch.manual_seed(step.seed)
    graph = tft.TFTransformOutput(fn_args.transform_output)
    features = Features(graph, step.label, stacked=step.STACKED)
    problem = problem_of(features, fn_args.train_files, fn_args.eval_files)
    module = step.model_fn(features, problem)
    if not isinstance(module, torch.nn.Module):
        raise StepFailed(
            f"model_fn gave a {type(module).__name__}, which is no PyTorch module", "return a torch.nn.Module"
        )
    weights = class_weights(step.class_weights, problem)
    by_class = None if weights is None else torch.tensor(weights, dtype=torch.float32)
    optimizer = torch.optim.Adam(module.parameters(), step.learning_rate)
    training = Training(step, module, problem, by_class, optimizer)
    _fit(training, features, fn_args)
    tests = Tests(fn_args, features, problem, graph, lambda inputs: predict(module, inputs, problem))
    step.test_fn(tests)
    tests.check()
    step.save(module, tests, fn_args)
    parameters = sum(p.numel() for p in module.parameters())
    last = {name: round(value, 6) for name, value in training.history[-1].items()}
    step.facts.update(problem=problem.kind, parameters=parameters, epochs=len(training.history), **last)


def _fit(training: Training, features: Features, fn_args: FnArgs) -> None:
    step = training.step
    folder = checkpoint_folder(fn_args) if step.checkpoints else ""
    checkpoint = Path(folder, CHECKPOINT)
    if folder and checkpoint.exists():
        training.go_on(torch.load(checkpoint, weights_only=True))
    learning = step.input_fn(fn_args.train_files, features, training=True)
    held_back = step.input_fn(fn_args.eval_files, features, training=False)
    writer = tf.summary.create_file_writer(fn_args.model_run_dir)
    epochs = Epochs(step.epochs)
    while training.epoch < step.epochs and not _is_over(training):
        epochs.begin(training.epoch)
        losses = {"loss": _learn(training, learning, epochs), "val_loss": _validate(training, held_back)}
        training.history.append(losses)
        training.epoch += 1
        epochs.end()
        print(f"epoch {training.epoch}/{step.epochs}", *(f"{n} {v:.4f}" for n, v in losses.items()))  # noqa: T201 - the step's log
        with writer.as_default(training.epoch):
            for name, value in losses.items():
                tf.summary.scalar(name, value)
        if training.epochs_since_best == 0:
            training.best = copy.deepcopy(training.module.state_dict())
        if folder:
            _keep(training, checkpoint)
    writer.close()
    if step.early_stopping and training.best:
        training.module.load_state_dict(training.best)
    training.module.eval()


def _is_over(training: Training) -> bool:
    patience = training.step.early_stopping
    return patience is not None and training.epochs_since_best >= patience


def _learn(training: Training, batches: Any, epochs: Epochs) -> float:
    """Go through the training data once, and give the mean loss."""
    training.module.train()
    total = count = 0.0
    for number, (inputs, labels) in enumerate(batches, 1):
        training.optimizer.zero_grad()
        loss = training.loss(inputs, labels)
        if not torch.isfinite(loss):
            raise StepFailed(f"the loss became {loss.item()} in batch {number} of epoch {training.epoch + 1}", CURE)
        loss.backward()
        training.optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
        epochs.batch()
    return total / max(count, 1.0)


def _validate(training: Training, batches: Any) -> float:
    """Give the mean loss over the evaluation data."""
    training.module.eval()
    total = count = 0.0
    with torch.no_grad():
        for inputs, labels in batches:
            total += training.loss(inputs, labels).item() * len(labels)
            count += len(labels)
    return total / max(count, 1.0)


def _keep(training: Training, file: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    torch.save(training.state(), beside)
    beside.replace(file)


def loss_of(outputs: torch.Tensor, labels: torch.Tensor, problem: Problem, weights: torch.Tensor) -> torch.Tensor:
    """Compute the loss of the problem: cross-entropy of logits, or the squared error."""
    functional = torch.nn.functional
    if problem.kind == MULTI_CLASS:
        each = functional.cross_entropy(outputs, labels, reduction="none")
    elif problem.kind == BINARY:
        each = functional.binary_cross_entropy_with_logits(outputs[:, 0], labels.float(), reduction="none")
    else:
        each = functional.mse_loss(outputs[:, 0], labels, reduction="none")
    return (each * weights).mean()


def predict(module: Any, inputs: dict[str, Any], problem: Problem) -> Any:
    """Give probabilities, or values, as an array of shape (batch, outputs).

    Args:
        module: gives logits, or values.
        inputs: as ``Features.assemble`` makes them.
        problem: what is predicted.
    """
    with torch.no_grad():
        outputs = module(tensors(inputs))
    return probabilities(outputs, problem.kind).numpy()


def probabilities(outputs: torch.Tensor, kind: str) -> torch.Tensor:
    """Make probabilities of logits; values stay as they are."""
    if kind == MULTI_CLASS:
        return torch.softmax(outputs, dim=1)
    return torch.sigmoid(outputs) if kind == BINARY else outputs
