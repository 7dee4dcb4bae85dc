"""Steps that train a model."""

from zenrepo.steps.trainer.keras_feed_forward import KerasFeedForwardTrainer

__all__ = ["KerasFeedForwardTrainer"]
