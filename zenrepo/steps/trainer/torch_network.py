"""A feed-forward network in PyTorch, and the same network in TensorFlow.

This module imports PyTorch and TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from itertools import pairwise

import tensorflow as tf
import torch

from zenrepo.steps.trainer.features import NUMBERS, Features
from zenrepo.steps.trainer.problem import BINARY, MULTI_CLASS, Problem

EMBEDDING = 16
"""The most numbers that one index becomes."""


class FeedForward(torch.nn.Module):  # type: ignore[misc] # PyTorch has no types that mypy is shown
    """Linear layers, each but the last followed by ReLU and dropout.

    Args:
        features: what it is fed with, stacked.
        problem: what it is to predict.
        widths: of the hidden layers.
        dropout: the share of a hidden layer's outputs that a training step leaves out.
    """

    def __init__(self, features: Features, problem: Problem, widths: list[int], dropout: float) -> None:
        super().__init__()
        depths = features.depths.values()
        self.embeddings = torch.nn.ModuleList(torch.nn.Embedding(d, min(EMBEDDING, d)) for d in depths)
        before = features.total + sum(
            features.width(name) * min(EMBEDDING, depth) for name, depth in features.depths.items()
        )
        sizes = [before, *widths, problem.outputs]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in pairwise(sizes))
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Give logits, or values, of shape (batch, outputs)."""
        parts = [inputs[NUMBERS]] if NUMBERS in inputs else []
        parts += [embed(inputs[f"index_{i}"]).flatten(1) for i, embed in enumerate(self.embeddings)]
        x = torch.cat(parts, dim=1)
        for layer in self.layers[:-1]:
            x = self.dropout(torch.relu(layer(x)))
        found: torch.Tensor = self.layers[-1](x)
        return found


class Rebuilt(tf.Module):  # type: ignore[misc] # TensorFlow has no types that mypy is shown
    """The same network in TensorFlow, with the same weights.

    Args:
        network: trained.
        problem: what it predicts.
    """

    def __init__(self, network: FeedForward, problem: Problem) -> None:
        super().__init__()
        self._problem = problem
        self._embeddings = [_variable(embed.weight) for embed in network.embeddings]
        self._layers = [(_variable(layer.weight.T), _variable(layer.bias)) for layer in network.layers]

    def __call__(self, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
        """Give probabilities, or values, of shape (batch, outputs)."""
        parts = [inputs[NUMBERS]] if NUMBERS in inputs else []
        for i, table in enumerate(self._embeddings):
            indices = inputs[f"index_{i}"]
            parts.append(tf.reshape(tf.gather(table, indices), [-1, int(indices.shape[1]) * int(table.shape[1])]))
        x = tf.concat(parts, axis=1)
        for weight, bias in self._layers[:-1]:
            x = tf.nn.relu(tf.matmul(x, weight) + bias)
        weight, bias = self._layers[-1]
        given = tf.matmul(x, weight) + bias
        return {BINARY: tf.sigmoid, MULTI_CLASS: tf.nn.softmax}.get(self._problem.kind, tf.identity)(given)


def _variable(values: torch.Tensor) -> tf.Variable:
    return tf.Variable(values.detach().cpu().numpy())
