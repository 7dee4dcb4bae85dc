"""The interfaces that steps extend, in the order in which pipelines run them.

The types of TensorFlow, TFX, Beam and Arrow stand in these modules as strings: hooks and look-ups read them, and import
none of those.
"""

from zenrepo.steps.interfaces.custom import CustomStep
from zenrepo.steps.interfaces.data import DataStep
from zenrepo.steps.interfaces.deployer import DeployerStep
from zenrepo.steps.interfaces.evaluator import EvaluatorStep
from zenrepo.steps.interfaces.inferrer import InferrerStep
from zenrepo.steps.interfaces.preprocess import PreprocessStep
from zenrepo.steps.interfaces.sequencer import SequencerStep
from zenrepo.steps.interfaces.split import SplitStep
from zenrepo.steps.interfaces.trainer import TrainerStep

__all__ = [
    "CustomStep",
    "DataStep",
    "DeployerStep",
    "EvaluatorStep",
    "InferrerStep",
    "PreprocessStep",
    "SequencerStep",
    "SplitStep",
    "TrainerStep",
]
