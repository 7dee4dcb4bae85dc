"""What a commit, a range or the working tree would run, and what of it would be used again; nothing is queued."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import NamedTuple

from zenrepo.errors import UnknownName, ZenrepoError
from zenrepo.flows.answers import changes
from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.past_runs import MADE, USED_AGAIN, History, PastRun, brought_in
from zenrepo.flows.answers.unseen import lost
from zenrepo.flows.answers.verdicts import Question, Verdict, question, verdicts, when
from zenrepo.flows.answers.why import differing, of_plans, rewired
from zenrepo.flows.intake.affected import Pipeline, between, pipelines
from zenrepo.flows.intake.trusted import would_trust
from zenrepo.flows.lookup import caught_up
from zenrepo.flows.planning.resolve import resolve
from zenrepo.flows.planning.wiring import MODEL, Node, makers, nodes_of
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import texts
from zenrepo.runs.journal import Run
from zenrepo.runs.plan import Plan
from zenrepo.sources.release import RELEASE


class StepImpact(NamedTuple):
    """What would become of a step.

    Args:
        step: its name.
        runs: whether it would run.
        run: the number of the run whose result would be used again, or that the causes compare to; ``None`` for none.
        causes: why it would run.
        seconds: how long it took when it was made last; ``None`` where it never was.
    """

    step: str
    runs: bool
    run: int | None
    causes: list[Cause]
    seconds: float | None


class PipelineImpact(NamedTuple):
    """What would become of a pipeline.

    Args:
        pipeline: its name.
        runs: whether it would run.
        reason: why, or why not.
        steps: of one that would run, or that was asked for by name.
        when: all that runs it, in words.
        error: why one that should run cannot.
    """

    pipeline: str
    runs: bool
    reason: str
    steps: list[StepImpact]
    when: list[str]
    error: ZenrepoError | None = None


class Impact(NamedTuple):
    """What a change of the repository would run.

    Args:
        asked: the event, and what it is about.
        pipelines: those that the commit holds, by name.
        broken: why others cannot be read.
    """

    asked: Question
    pipelines: list[PipelineImpact]
    broken: list[ZenrepoError]

    @property
    def old(self) -> str:
        """The commit before; empty before the first, and for a tag."""
        return "" if self.asked.tag else self.asked.old

    @property
    def new(self) -> str:
        """The commit after; empty for the working tree."""
        return "" if self.asked.uncommitted else self.asked.new


def impact(
    layout: Layout,
    revision: str | None = None,
    name: str | None = None,
    *,
    tag: str | None = None,
    branch: str | None = None,
) -> Impact:
    """Say what a change or a tag would run.

    Args:
        layout: of the repository.
        revision: a commit; ``A..B`` for all that lies between two, as one change; the name of a tag; by default all
            that is uncommitted, and ``HEAD`` where nothing is. In a bare repository it is what a push brings.
        name: this pipeline alone, whose steps are looked at though no trigger runs it, as ``zenrepo run`` would.
        tag: what making a tag of this name at the commit would run.
        branch: as if the change were on this branch.

    Raises:
        UsageError: if there is no such commit or pipeline.
    """
    asked = question(layout, revision, tag=tag, branch=branch)
    with caught_up(layout) as (index, _):
        change = between(layout, index, asked.old, asked.new)
        broken: list[ZenrepoError] = []
        found = _chosen(sorted(pipelines(layout, index, asked.new, broken)), name)
        own = would_trust(layout, index, asked.new, asked.old) if asked.uncommitted else set()
        said = verdicts(layout, index, found, change, asked, own)
    judged = [_pipeline(layout, verdict, asked.new, by_hand=verdict.pipeline.name == name) for verdict in said]
    return Impact(asked, judged, broken)


def _chosen(found: list[Pipeline], name: str | None) -> list[Pipeline]:
    chosen = [pipeline for pipeline in found if name in (None, pipeline.name)]
    if name is not None and not chosen:
        raise UnknownName("pipeline", name, [pipeline.name for pipeline in found], "the commit holds no such pipeline")
    return chosen


def _pipeline(layout: Layout, verdict: Verdict, commit: str, *, by_hand: bool) -> PipelineImpact:
    pipeline, runs, because = verdict
    said = PipelineImpact(pipeline.name, runs, because, [], when(pipeline))
    if not (runs or by_hand):
        return said
    try:
        plan = _plan(layout, pipeline.name, commit)
    except ZenrepoError as error:
        return said._replace(runs=False, error=error)
    return said._replace(steps=predict(layout, plan))


def _plan(layout: Layout, pipeline: str, commit: str) -> Plan:
    """Resolve a pipeline; the tree is checked out only where a glob has to find files in it."""
    run = Run(
        number=0,
        pipeline=pipeline,
        commit=commit,
        root=layout.folder,
        reason="",
        cache=True,
        state="",
        message="",
        queued=0.0,
        started=None,
        ended=None,
    )
    plan = resolve(layout, run, check_out=False)
    arguments = (text for step in plan.steps if step.kind == "data" for _, text in texts(step.args))
    return resolve(layout, run) if any(map(glob.has_magic, arguments)) else plan


def predict(layout: Layout, plan: Plan) -> list[StepImpact]:
    """Say what of a plan would be used again, as TFX's cache will decide.

    What is in ML Metadata alone is looked up only when it is a step's turn: what an evaluator compares to, what a
    deployer replaces, which model of another pipeline is the newest. They may run all the same.
    """
    past = History(layout, plan.pipeline)
    nodes = nodes_of(plan.steps)
    sources = makers(nodes)
    results: dict[str, frozenset[str]] = {}
    found = []
    for node in nodes:
        taken = {key: results[maker] for key, maker in sources[node.name].items()}
        same = _same(plan, node, taken, past) if all(taken.values()) else None
        results[node.name] = same.artifacts(node.name) if same else frozenset()
        last = past.made(node.name)
        seconds = last.seconds(node.name) if last else None
        if same:
            maker = past.made(node.name, results[node.name]) or same
            found.append(StepImpact(node.name, False, maker.run.number, [], seconds))
        else:
            run, causes = _causes(layout, plan, node, sources[node.name], taken, past)
            found.append(StepImpact(node.name, True, run, causes, seconds))
    return found


def _same(plan: Plan, node: Node, taken: dict[str, frozenset[str]], past: History) -> PastRun | None:
    """Find the newest run whose step had the same key and the same inputs, and whose result is still there."""
    for run in past:
        if run.state(node.name) not in (MADE, USED_AGAIN) or not run.is_there(node.name):
            continue
        if run.taken(node.name) == taken and _has_key(run, plan, node) and not _is_unknown(run, plan, past):
            return run
    return None


def _has_key(run: PastRun, plan: Plan, node: Node) -> bool:
    if node.kind == MODEL:
        return not _of_model(run, plan, node.name)
    if run.plan.environment != plan.environment:
        return False
    if node.step is None:
        return True
    before = run.steps.get(node.name)
    return before is not None and changes.is_same(before, node.step) and run.release in ("", RELEASE)


def _is_unknown(run: PastRun, plan: Plan, past: History) -> bool:
    """Say whether the metadata store has no record of a run: it is gone, another one, or began anew."""
    if not Path(plan.metadata_store).exists() or not run.is_recorded_in(plan):
        return True
    newest = next((one for one in past if one.executions and one.is_recorded_in(plan)), run)
    return run is not newest and run.is_unknown_to(newest)


def _causes(
    layout: Layout,
    plan: Plan,
    node: Node,
    inputs: dict[str, str],
    taken: dict[str, frozenset[str]],
    past: History,
) -> tuple[int | None, list[Cause]]:
    last = past.done(node.name)
    if last is None:
        return None, [Cause("first", "no earlier run made it")]
    found = _of_model(last, plan, node.name) if node.kind == MODEL else of_plans(layout, node, last, plan, RELEASE)
    before = last.sources.get(node.name, {})
    found += rewired(*(differing(each, taken, last.taken(node.name)) for each in (inputs, before)))
    again = dict.fromkeys(inputs[key] for key, artifacts in taken.items() if not artifacts)
    if again:
        steps = "steps {} run" if len(again) > 1 else "step {} runs"
        found.append(Cause("input", steps.format(", ".join(f"'{maker}'" for maker in again)) + " again"))
    return last.run.number, found or [_unseen(last, node.name, is_unknown=_is_unknown(last, plan, past))]


def _of_model(last: PastRun, plan: Plan, node: str) -> list[Cause]:
    """Say what of a model that is brought in is not as it was, as far as the plans tell."""
    name, digest = brought_in(plan.steps)[node]
    before, digest_before = brought_in(last.plan.steps).get(node, ("", ""))
    if before != name:
        return [Cause("argument", f'model: "{before}" -> "{name}"', [], before, name)]
    return [Cause("data", f"'{name}' changed", [], digest_before, digest)] if digest_before != digest else []


def _unseen(last: PastRun, step: str, *, is_unknown: bool) -> Cause:
    found = lost(last, step, is_unknown=is_unknown)
    return found or Cause("lost", f"what run {last.run.number} had cannot be used again")
