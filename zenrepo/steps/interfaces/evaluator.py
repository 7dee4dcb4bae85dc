"""The interface of steps that say how good a model is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from zenrepo.steps.base import BaseStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import tensorflow_model_analysis as tfma


class EvaluatorStep(BaseStep):
    """Says how good a model is, and whether it may be deployed."""

    KIND: ClassVar[str] = "evaluator"

    @abstractmethod
    def eval_config(self) -> tfma.EvalConfig:
        """Say what to measure, on which slices, and which thresholds bless the model."""
        raise NotImplementedError
