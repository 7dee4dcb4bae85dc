"""Steps that have a model predict."""

from zenrepo.steps.inferrer.batch import BatchInferrer

__all__ = ["BatchInferrer"]
