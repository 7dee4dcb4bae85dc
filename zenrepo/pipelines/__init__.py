"""Pipelines written in Python."""

from zenrepo.pipelines.kinds import (
    BatchInferencePipeline,
    CustomPipeline,
    DataPipeline,
    EvaluationPipeline,
    TrainingPipeline,
)

__all__ = ["BatchInferencePipeline", "CustomPipeline", "DataPipeline", "EvaluationPipeline", "TrainingPipeline"]
