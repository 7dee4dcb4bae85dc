"""The conductor: runs the nodes of a plan with TFX's launcher, each when those before it are done, and reports.

TensorFlow and Beam are never imported here, so what is wholly cached is done in a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from absl import logging
from tfx.orchestration.portable import cache_utils

from zenrepo.metadata.models import Models
from zenrepo.runner.artifacts import wholeness
from zenrepo.runner.compiling import lookback
from zenrepo.runner.compiling.outside import OutsideModel, find
from zenrepo.runner.compiling.pipeline import Node, compile_pipeline, nodes_of
from zenrepo.runner.conducting import one_at_a_time
from zenrepo.runner.conducting.clock import Clock
from zenrepo.runner.conducting.ledger import Ledger
from zenrepo.runner.conducting.performer import Performer
from zenrepo.runner.conducting.stage import Stage, store_of
from zenrepo.runner.conducting.turn import Turn
from zenrepo.runs import events
from zenrepo.runs.plan import Plan
from zenrepo.runs.processes.parents import Address


def conduct(
    plan: Plan, out: TextIO, before: float = 0.0, addresses: Mapping[str, Address] | None = None, jobs: int = 1
) -> bool:
    """Execute a plan.

    Args:
        plan: the run.
        out: where the events go, see ``zenrepo.runs.events``.
        before: seconds that this process has spent on imports.
        addresses: where the warm parents are asked, by kind; by default the run has its own.
        jobs: how many steps work at a time.

    Returns:
        Whether the run came to a good end.
    """
    logging.set_verbosity(logging.FATAL)  # what fails is reported as an event
    cache_utils.artifact_utils.verify_artifacts = wholeness.verify  # TFX's asks less; it takes no function of ours
    cache_utils.get_cached_outputs = lookback.cached_outputs  # TFX's reads all that there ever was; likewise
    one_at_a_time.settle(Path(plan.metadata_store))
    clock = Clock()
    nodes = nodes_of(plan)
    steps = [{"name": n.name, "kind": n.kind, "type": n.type} for n in nodes]
    events.write(out, "run", state="running", steps=steps)
    models = _outside(plan, nodes)
    compiled = compile_pipeline(plan, nodes, models)
    with closing(Performer(plan, addresses)) as performer:
        again = plan.before_first(node.name for node in nodes)
        ledger = Ledger(store_of(compiled), plan)
        stage = Stage(plan, nodes, compiled, ledger, performer, clock, models, again, out)
        if plan.left_open:
            ledger.close(plan.left_open)
            events.write(out, "closed", runs=list(plan.left_open))
        complete = _run_all(stage, jobs)
    parts = clock.parts(before)
    state = "complete" if complete else "failed"
    events.write(out, "run", state=state, seconds=round(sum(parts.values()), 3), parts=parts)
    return complete


def _run_all(stage: Stage, jobs: int) -> bool:
    """Run the nodes, at most some at a time; after one that fails no other begins."""
    queue = _Queue(stage, jobs)
    with ThreadPoolExecutor(jobs) as threads:
        while queue.goes_on():
            try:
                queue.advance(threads)
            except KeyboardInterrupt:
                queue.stop()
    for name in queue.waiting:
        stage.say("step", step=name, state="skipped")
    return queue.good


class _Queue:
    """The nodes of a run: those that wait, and those that run."""

    def __init__(self, stage: Stage, jobs: int) -> None:
        self.good = True
        self.waiting = {node.name: node for node in stage.nodes}
        self._stage, self._jobs = stage, jobs
        self._after = _after(stage)
        self._running: dict[Future[bool], Node] = {}

    def goes_on(self) -> bool:
        """Say whether a node runs, or will."""
        return bool(self._running or (self.good and self.waiting))

    def advance(self, threads: ThreadPoolExecutor) -> None:
        """Begin with what is ready, and wait until something has ended."""
        ready = [node for name, node in self.waiting.items() if not self._after[name]] if self.good else []
        for node in ready[: self._jobs - len(self._running)]:
            self._running[threads.submit(Turn(self._stage, node).take)] = self.waiting.pop(node.name)
        for ended in wait(self._running, return_when=FIRST_COMPLETED).done:
            node = self._running.pop(ended)
            is_first = len(self.waiting) + len(self._running) + 1 == len(self._after)
            self.good = ended.result() and self.good
            if is_first or not self.good:
                self._stage.record_run()
            for names in self._after.values():
                names.discard(node.name)

    def stop(self) -> None:
        """End what runs; nothing else begins."""
        self.good = False
        self._stage.performer.close()


def _after(stage: Stage) -> dict[str, set[str]]:
    """Say after which others each node comes: those it reads from, of deployers those before it.

    Where a run begins in the middle, nothing is executed before it is known that what stands before can be used again.
    """
    known = {node.name for node in stage.nodes}
    compiled = (each.pipeline_node for each in stage.compiled.nodes)
    after = {node.node_info.id: known & set(node.upstream_nodes) for node in compiled}
    for one, next_one in pairwise(node.name for node in stage.nodes if node.kind == "deployer"):
        after[next_one].add(one)  # each counts on from the versions that there are
    for name in known - stage.again:
        after[name] |= stage.again
    return after


def _outside(plan: Plan, nodes: list[Node]) -> dict[str, OutsideModel]:
    """Find the models from outside, by the name of the node that brings each in; the step that names it is next."""
    wanted = [(node, after.step) for node, after in pairwise(nodes) if node.model and after.step]
    if not wanted:
        return {}
    Path(plan.metadata_store).parent.mkdir(parents=True, exist_ok=True)
    models = Models.at(plan.metadata_store)
    return {node.name: find(node.model, plan, models, step) for node, step in wanted}
