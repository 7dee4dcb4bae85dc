"""The names under ``zenrepo`` that make a class a step or a backend, and of what kind, without importing them."""

from __future__ import annotations

INTERFACES = {
    "BaseStep": "custom",
    "DataStep": "data",
    "SplitStep": "split",
    "SequencerStep": "sequencer",
    "PreprocessStep": "preprocess",
    "TrainerStep": "trainer",
    "EvaluatorStep": "evaluator",
    "DeployerStep": "deployer",
    "InferrerStep": "inferrer",
    "CustomStep": "custom",
}
STANDARD = {
    "CSVDataStep": "data",
    "DatasourceStep": "data",
    "ImageDataStep": "data",
    "JSONDataStep": "data",
    "NumPyDataStep": "data",
    "PandasDataStep": "data",
    "ParquetDataStep": "data",
    "SQLDataStep": "data",
    "TFDSDataStep": "data",
    "TFRecordDataStep": "data",
    "RandomSplit": "split",
    "CategoricalDomainSplit": "split",
    "CategoricalRatioSplit": "split",
    "StratifiedSplit": "split",
    "GroupedSplit": "split",
    "HashSplit": "split",
    "TimeSplit": "split",
    "NoSplit": "split",
    "StandardSequencer": "sequencer",
    "StandardPreprocess": "preprocess",
    "KerasTrainer": "trainer",
    "KerasFeedForwardTrainer": "trainer",
    "TorchTrainer": "trainer",
    "TorchFeedForwardTrainer": "trainer",
    "SklearnTrainer": "trainer",
    "TFMAEvaluator": "evaluator",
    "ResultsEvaluator": "evaluator",
    "BatchInferrer": "inferrer",
    "FolderDeployer": "deployer",
}
KINDS = INTERFACES | STANDARD
BACKEND_INTERFACES = {
    "OrchestratorBackend": "orchestrator",
    "ProcessingBackend": "processing",
    "TrainingBackend": "training",
}
STANDARD_BACKENDS = {
    "LocalOrchestrator": "orchestrator",
    "LocalProcessing": "processing",
    "LocalTraining": "training",
}
BACKENDS = BACKEND_INTERFACES | STANDARD_BACKENDS


_TABLES = {"steps": KINDS, "backends": BACKENDS}


def shipped_kind(name: str) -> str | None:
    """Say what kind of step or backend a name under ``zenrepo`` is.

    Args:
        name: dotted, such as ``zenrepo.steps.TrainerStep``; the module below ``zenrepo.steps`` does not matter.

    Returns:
        The kind; ``None`` for a name that is neither.
    """
    head, _, rest = name.partition(".")
    room, _, _ = rest.partition(".")
    return _TABLES[room].get(name.rpartition(".")[2]) if head == "zenrepo" and room in _TABLES else None
