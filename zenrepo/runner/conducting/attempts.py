"""Try a step again that has failed, and wait longer before each time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tfx.proto.orchestration import pipeline_pb2

from zenrepo.runs.plan import Limits

CONTEXT = "zenrepo.attempt"
"""The type of the context of an attempt."""


def tried(
    limits: Limits,
    launch: Callable[[int], int],
    is_curable: Callable[[], bool],
    report: Callable[[float], None],
    sleep: Callable[[float], None],
) -> int:
    """Launch a step until it comes to a good end, or nothing is left to try.

    Args:
        limits: of the step.
        launch: does it, told the number of the attempt, from 1; each makes an execution of its own.
        is_curable: says of the attempt that has just failed whether another one may do better.
        report: told, of an attempt that failed, the seconds until the next one.
        sleep: waits so many seconds.

    Returns:
        The id of the execution that came to a good end.

    Raises:
        Exception: what the last attempt failed of.
    """
    if not limits.retries:
        return launch(1)
    import tenacity  # it brings asyncio in, which costs a run that is wholly cached 100 ms

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(limits.retries + 1),
        wait=tenacity.wait_exponential_jitter(limits.wait, limits.most, jitter=limits.wait / 2),
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, Exception) and is_curable()),
        before_sleep=lambda state: report(state.upcoming_sleep),
        sleep=sleep,
        reraise=True,
    )
    return retrying(lambda: launch(retrying.statistics["attempt_number"]))


def keep_log(folder: str, step: str, attempt: int) -> None:
    """Keep the log of an attempt that failed, beside that of the next: ``trainer.1.log`` of the first."""
    with suppress(FileNotFoundError):  # it was killed before it had one
        Path(folder, f"{step}.log").rename(Path(folder, f"{step}.{attempt}.log"))


def as_attempt(node: pipeline_pb2.PipelineNode, run: str, number: int) -> pipeline_pb2.PipelineNode:
    """Give a node as TFX's launcher executes it anew: under the same contexts it would go on with the last execution.

    Args:
        node: of TFX's intermediate representation.
        run: the run's id.
        number: of the attempt, from 1.

    Returns:
        The node, from the second attempt on with a context of its own, which is named ``<run>.<node>.<number>``.
    """
    if number == 1:
        return node
    again = pipeline_pb2.PipelineNode()
    again.CopyFrom(node)
    context = again.contexts.contexts.add()
    context.type.name = CONTEXT
    context.name.field_value.string_value = f"{run}.{node.node_info.id}.{number}"
    return again
