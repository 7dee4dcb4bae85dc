"""Pipelines: their files, what is valid in them, and the Python API that writes them."""

from zenrepo.pipelines.training import TrainingPipeline

__all__ = ["TrainingPipeline"]
