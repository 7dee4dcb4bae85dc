"""Hands the executions of TFX's launcher to the performer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from tfx.orchestration.portable.base_executor_operator import BaseExecutorOperator
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.proto.orchestration import executable_spec_pb2, execution_result_pb2

Perform = Callable[[ExecutionInfo], execution_result_pb2.ExecutorOutput]


class Handoff(BaseExecutorOperator):  # type: ignore[misc] # TFX has no types that mypy is shown
    """TFX's operator of executors, which runs none itself.

    Args:
        executor_spec: names the class that stands for a component, see ``components``.
        platform_config: unused.
        perform: takes the execution's inputs, outputs and properties, and gives what became of the outputs.
    """

    SUPPORTED_EXECUTOR_SPEC_TYPE: ClassVar[list[Any]] = [executable_spec_pb2.PythonClassExecutableSpec]
    SUPPORTED_PLATFORM_CONFIG_TYPE: ClassVar[list[Any]] = []

    def __init__(self, executor_spec: Any, platform_config: Any = None, *, perform: Perform) -> None:
        super().__init__(executor_spec, platform_config)
        self._perform = perform

    def run_executor(self, execution_info: ExecutionInfo) -> execution_result_pb2.ExecutorOutput:
        """Have one execution performed."""
        return self._perform(execution_info)


def operators(perform: Perform) -> dict[Any, Any]:
    """Give the launcher's table of operators, so that each execution goes to ``perform``."""
    return {executable_spec_pb2.PythonClassExecutableSpec: partial(Handoff, perform=perform)}
