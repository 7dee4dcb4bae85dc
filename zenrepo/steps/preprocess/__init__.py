"""Steps that turn features into what a model takes."""

from zenrepo.steps.preprocess.standard import StandardPreprocess

__all__ = ["StandardPreprocess"]
