"""What a performer does for each kind of node."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # TFX, which imports TensorFlow where it may
    from zenrepo.runner.performing.work import Work


class Executor:
    """A function that is imported when it is called, or before.

    Args:
        module: of this folder.
        function: in it.
    """

    def __init__(self, module: str, function: str) -> None:
        self._module, self._function = f"{__name__}.{module}", function

    def load(self) -> None:
        """Import it, with all that it needs."""
        import_module(self._module)

    def __call__(self, work: Work) -> None:
        """Perform a step."""
        getattr(import_module(self._module), self._function)(work)


EXECUTORS: dict[str, Executor] = {
    "data": Executor("data", "ingest"),
    "split": Executor("split", "split"),
    "sequencer": Executor("sequencer", "sequence"),
    "custom": Executor("custom", "customize"),
    "statistics": Executor("statistics_gen", "generate_statistics"),
    "schema": Executor("schema", "infer_schema"),
    "preprocess": Executor("preprocess", "preprocess"),
    "trainer": Executor("trainer", "train"),
    "evaluator": Executor("evaluator", "evaluate"),
    "inferrer": Executor("inferrer", "infer"),
    "deployer": Executor("deployer", "deploy"),
}

WITHOUT_TENSORFLOW = ("data", "custom", "deployer")
"""The kinds whose functions need neither TensorFlow nor Beam, where their steps do not."""
