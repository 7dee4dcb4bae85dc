"""What a performer does for each kind of node."""

from __future__ import annotations

from collections.abc import Callable

from zenrepo.runner.executors.custom import customize
from zenrepo.runner.executors.data import ingest
from zenrepo.runner.executors.deployer import deploy
from zenrepo.runner.executors.evaluator import evaluate
from zenrepo.runner.executors.inferrer import infer
from zenrepo.runner.executors.preprocess import preprocess
from zenrepo.runner.executors.schema import infer_schema
from zenrepo.runner.executors.sequencer import sequence
from zenrepo.runner.executors.split import split
from zenrepo.runner.executors.statistics_gen import generate_statistics
from zenrepo.runner.executors.trainer import train
from zenrepo.runner.work import Work

EXECUTORS: dict[str, Callable[[Work], None]] = {
    "data": ingest,
    "split": split,
    "sequencer": sequence,
    "custom": customize,
    "statistics": generate_statistics,
    "schema": infer_schema,
    "preprocess": preprocess,
    "trainer": train,
    "evaluator": evaluate,
    "inferrer": infer,
    "deployer": deploy,
}
