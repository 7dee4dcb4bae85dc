"""Steps that say how good a model is."""

from zenrepo.steps.evaluator.results_evaluator import ResultsEvaluator
from zenrepo.steps.evaluator.tfma_evaluator import TFMAEvaluator

__all__ = ["ResultsEvaluator", "TFMAEvaluator"]
