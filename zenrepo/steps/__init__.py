"""The step interfaces and the steps that ship with zenrepo.

A standard step is as light to import as an interface: what it runs on (Arrow, TensorFlow) is imported in the methods
that run, in a process of the runner.
"""

from zenrepo.steps.base import BaseStep
from zenrepo.steps.data import (
    CSVDataStep,
    DatasourceStep,
    ImageDataStep,
    JSONDataStep,
    NumPyDataStep,
    PandasDataStep,
    ParquetDataStep,
    SQLDataStep,
    TFDSDataStep,
    TFRecordDataStep,
)
from zenrepo.steps.deployer import FolderDeployer
from zenrepo.steps.evaluator import ResultsEvaluator, TFMAEvaluator
from zenrepo.steps.inferrer import BatchInferrer
from zenrepo.steps.interfaces import (
    CustomStep,
    DataStep,
    DeployerStep,
    EvaluatorStep,
    InferrerStep,
    PreprocessStep,
    SequencerStep,
    SplitStep,
    TrainerStep,
)
from zenrepo.steps.preprocess import StandardPreprocess
from zenrepo.steps.sequencer import StandardSequencer
from zenrepo.steps.split import (
    CategoricalDomainSplit,
    CategoricalRatioSplit,
    GroupedSplit,
    HashSplit,
    NoSplit,
    RandomSplit,
    StratifiedSplit,
    TimeSplit,
)
from zenrepo.steps.trainer import (
    KerasFeedForwardTrainer,
    KerasTrainer,
    SklearnTrainer,
    TorchFeedForwardTrainer,
    TorchTrainer,
)

__all__ = [
    "BaseStep",
    "BatchInferrer",
    "CSVDataStep",
    "CategoricalDomainSplit",
    "CategoricalRatioSplit",
    "CustomStep",
    "DataStep",
    "DatasourceStep",
    "DeployerStep",
    "EvaluatorStep",
    "FolderDeployer",
    "GroupedSplit",
    "HashSplit",
    "ImageDataStep",
    "InferrerStep",
    "JSONDataStep",
    "KerasFeedForwardTrainer",
    "KerasTrainer",
    "NoSplit",
    "NumPyDataStep",
    "PandasDataStep",
    "ParquetDataStep",
    "PreprocessStep",
    "RandomSplit",
    "ResultsEvaluator",
    "SQLDataStep",
    "SequencerStep",
    "SklearnTrainer",
    "SplitStep",
    "StandardPreprocess",
    "StandardSequencer",
    "StratifiedSplit",
    "TFDSDataStep",
    "TFMAEvaluator",
    "TFRecordDataStep",
    "TimeSplit",
    "TorchFeedForwardTrainer",
    "TorchTrainer",
    "TrainerStep",
]
