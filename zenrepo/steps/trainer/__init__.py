"""Steps that train a model."""

from zenrepo.steps.trainer.keras_feed_forward import KerasFeedForwardTrainer
from zenrepo.steps.trainer.keras_trainer import KerasTrainer
from zenrepo.steps.trainer.loaded import LoadedModel, load_model
from zenrepo.steps.trainer.sklearn_trainer import SklearnTrainer
from zenrepo.steps.trainer.torch_feed_forward import TorchFeedForwardTrainer
from zenrepo.steps.trainer.torch_trainer import TorchTrainer

__all__ = [
    "KerasFeedForwardTrainer",
    "KerasTrainer",
    "LoadedModel",
    "SklearnTrainer",
    "TorchFeedForwardTrainer",
    "TorchTrainer",
    "load_model",
]
