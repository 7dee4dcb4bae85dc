"""The names under ``zenrepo`` that make a class a step, and what kind of step, without importing them."""

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
    "RandomSplit": "split",
    "StandardPreprocess": "preprocess",
    "KerasFeedForwardTrainer": "trainer",
    "TFMAEvaluator": "evaluator",
    "FolderDeployer": "deployer",
}
KINDS = INTERFACES | STANDARD


def shipped_kind(name: str) -> str | None:
    """Say what kind of step a name under ``zenrepo`` is.

    Args:
        name: dotted, such as ``zenrepo.steps.TrainerStep``; the module below ``zenrepo.steps`` does not matter.

    Returns:
        The kind; ``None`` for a name that is no step.
    """
    return KINDS.get(name.rpartition(".")[2]) if name.startswith("zenrepo.steps.") else None
