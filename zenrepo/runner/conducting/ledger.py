"""What a run writes into ML Metadata beside what TFX's launcher writes there.

None of it is in TFX's cache key: a commit that changes no step re-uses results and is recorded all the same.

* Each execution, a cached one too, has the custom properties ``step``, ``type``, ``version``, ``source_digest``,
  ``commit``, ``captured``, ``run``, ``pipeline``, ``release``, ``backend`` and, where it failed, ``error`` and the
  number of the ``attempt``; it is associated with the context of its commit.
* The context of a commit has the type ``zenrepo.commit`` and the commit's id as its name.
* TFX's context of the run, type ``pipeline_run`` and the run's id as its name, has ``commit``, ``tree``,
  ``pipeline_digest`` and what ``surroundings`` gives; where the run was asked for them, ``settings`` (JSON), ``name``,
  ``first`` and ``last``; and where the commit holds a captured working tree, ``captured``.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from zenrepo import __version__
from zenrepo.metadata.models import Models
from zenrepo.runner.artifacts.wholeness import FACTS
from zenrepo.runner.compiling.pipeline import Node
from zenrepo.runner.conducting.surroundings import surroundings
from zenrepo.runs.journal import CANCELED
from zenrepo.runs.plan import Plan
from zenrepo.steps.data.ready import MANIFEST, input_name

COMMIT = "zenrepo.commit"
RUN = "pipeline_run"
ERROR = "error"
ATTEMPT = "attempt"
OPEN = (pb.Execution.NEW, pb.Execution.RUNNING)
DONE = (pb.Execution.COMPLETE, pb.Execution.CACHED)


def _is_open(execution: pb.Execution) -> bool:
    """Say whether it came to no good end, and nobody has written down why."""
    return execution.last_known_state not in DONE and ERROR not in execution.custom_properties


@dataclass(frozen=True)
class Recorded:
    """What ML Metadata holds of one step of the run.

    Args:
        execution: the execution's id.
        artifacts: as the report lists them: id, type, name and URI.
        facts: what the step that made the artifacts found out.
    """

    execution: int
    artifacts: list[dict[str, Any]]
    facts: dict[str, Any]


class Ledger:
    """Writes one run into ML Metadata.

    Args:
        config: how to connect to the store.
        plan: the run.

    Attributes:
        models: those that the store knows.
    """

    def __init__(self, config: pb.ConnectionConfig, plan: Plan) -> None:
        self._store = metadata_store.MetadataStore(config)
        self.models = Models(self._store)
        self._plan = plan
        self._commit: pb.Context | None = None

    def record(self, node: Node, execution: int) -> Recorded:
        """Complete the record of an execution that came to a good end.

        Args:
            node: the node that was executed.
            execution: the execution's id.

        Returns:
            What stands there now.
        """
        [found] = self._store.get_executions_by_id([execution])
        found.custom_properties.pop(ERROR, None)
        self._stamp(node, found)
        self._join_datasource(node, execution)
        artifacts, facts = self._outputs(execution)
        return Recorded(execution, artifacts, facts)

    def fail(self, node: Node, message: str, *, canceled: bool = False, attempt: int = 1) -> int | None:
        """Close the execution of a node that came to no good end; those of its earlier attempts stay as they are.

        Args:
            node: the node that failed.
            message: why.
            canceled: whether the run was stopped from outside.
            attempt: how often the node was launched so far.

        Returns:
            The execution's id; ``None`` where it had not begun.
        """
        unfinished = [e for e in self._executions(self._plan.run) if _is_open(e) and self._is_of(node, e)]
        for execution in unfinished:
            execution.last_known_state = pb.Execution.CANCELED if canceled else pb.Execution.FAILED
            execution.custom_properties[ERROR].string_value = message
            execution.custom_properties[ATTEMPT].int_value = attempt
            self._stamp(node, execution)
        return max((e.id for e in unfinished), default=None)

    def close(self, runs: dict[str, str]) -> None:
        """Close what runs left open whose processes were killed, and remove the outputs that no record knows.

        Args:
            runs: by their ids, the states that the journal gives them; what a run that was canceled left is CANCELED,
                what any other left is FAILED.
        """
        for run, state in runs.items():
            unfinished = [e for e in self._executions(run) if e.last_known_state in OPEN]
            outputs = _outputs_of(Path(self._plan.folder).with_name(run))
            for execution in unfinished:
                closed = pb.Execution.CANCELED if state == CANCELED else pb.Execution.FAILED
                execution.last_known_state = closed
                execution.custom_properties[ERROR].string_value = "the process of its run was killed"
                execution.custom_properties["run"].string_value = run
                if outputs:
                    self._remove_outputs(execution, outputs)
            self._store.put_executions(unfinished)

    def _remove_outputs(self, execution: pb.Execution, outputs: Path) -> None:
        """Remove what an execution wrote: whole or not, its process died before it could be recorded."""
        for context in self._store.get_contexts_by_execution(execution.id):
            pipeline, _, node = context.name.rpartition(".")
            for folder in (outputs / node).glob(f"*/{execution.id}") if pipeline else ():
                if not self._store.get_artifacts_by_uri(str(folder)):
                    shutil.rmtree(folder, ignore_errors=True)

    def record_run(self) -> None:
        """Write commit, tree, pipeline file, wishes and surroundings on TFX's context of the run."""
        context = self._store.get_context_by_type_and_name(RUN, self._plan.run)
        if context is None:
            return
        plan = self._plan
        said = {name: getattr(plan, name) for name in ("commit", "tree", "pipeline_digest")}
        asked = {"settings": _json(plan.settings)}
        asked |= {name: getattr(plan, name) for name in ("name", "first", "last", "captured")}
        for name, value in (said | {k: v for k, v in asked.items() if v} | surroundings(plan)).items():
            context.custom_properties[name].string_value = value
        self._store.put_contexts([context])

    def _executions(self, run: str) -> list[pb.Execution]:
        context = self._store.get_context_by_type_and_name(RUN, run)
        return list(self._store.get_executions_by_context(context.id)) if context else []

    def _is_of(self, node: Node, execution: pb.Execution) -> bool:
        """Say whether an execution is a node's: TFX gives it the node's context."""
        name = f"{self._plan.pipeline}.{node.name}"
        return any(context.name == name for context in self._store.get_contexts_by_execution(execution.id))

    def _stamp(self, node: Node, execution: pb.Execution) -> None:
        """Write whose execution it is, and associate it with the commit."""
        plan, step = self._plan, node.step
        properties = {
            "step": node.name,
            "type": node.type,
            "commit": plan.commit,
            "captured": plan.captured,
            "run": plan.run,
            "pipeline": plan.pipeline,
            "release": __version__,
            "version": step.version if step else "",
            "source_digest": step.source_digest if step else "",
            "backend": step.backend.type if step and step.backend else "",
        }
        for name, value in properties.items():
            execution.custom_properties[name].string_value = value
        self._store.put_execution(execution, [], [self._commit_context()], reuse_context_if_already_exist=True)

    def _commit_context(self) -> pb.Context:
        if self._commit is None:
            kind = self._store.put_context_type(pb.ContextType(name=COMMIT))
            known = self._store.get_context_by_type_and_name(COMMIT, self._plan.commit)
            self._commit = known or pb.Context(type_id=kind, name=self._plan.commit)
        return self._commit

    def _join_datasource(self, node: Node, execution: int) -> None:
        """Say that an execution took over the examples of a datasource's commit, so that lineage leads there."""
        for name, commit in (node.step.inputs if node.step else {}).items():
            if not name.startswith(input_name("")):
                continue
            manifest = json.loads(Path(commit.path, MANIFEST).read_text(encoding="utf-8"))
            if self._store.get_artifacts_by_id([manifest["artifact"]]):  # not where the metadata store is another one
                event = pb.Event(artifact_id=manifest["artifact"], execution_id=execution, type=pb.Event.INPUT)
                event.path.steps.add().key = "datasource"
                self._store.put_events([event])

    def _outputs(self, execution: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        events = self._store.get_events_by_execution_ids([execution])
        names = {e.artifact_id: e.path.steps[0].key for e in events if e.type == pb.Event.OUTPUT}
        found = self._store.get_artifacts_by_id(list(names))
        artifacts = [{"id": a.id, "type": a.type, "name": names[a.id], "uri": a.uri} for a in found]
        facts = [a.custom_properties[FACTS].string_value for a in found if FACTS in a.custom_properties]
        return sorted(artifacts, key=lambda a: str(a["name"])), json.loads(facts[0]) if facts else {}


def _outputs_of(folder: Path) -> Path | None:
    """Say where a run wrote to, by the plan in its folder."""
    with suppress(OSError, ValueError, LookupError, TypeError):  # gone, damaged, or of an earlier release
        return Plan.read(folder / "plan.json").outputs
    return None


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
