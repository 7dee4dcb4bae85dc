"""What a commit, a range or the working tree would run, and what of it would be used again; nothing is queued."""

from __future__ import annotations

import glob
from typing import NamedTuple

from zenrepo.errors import UnknownName, UsageError, ZenrepoError
from zenrepo.flows.answers import changes
from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.past_runs import MADE, USED_AGAIN, History, PastRun
from zenrepo.flows.answers.why import of_plans
from zenrepo.flows.intake.affected import Change, Pipeline, between, on_branch, pipelines, reason
from zenrepo.flows.intake.ingest import COMMIT, MERGE, is_skipped
from zenrepo.flows.intake.trusted import untrusted, would_trust
from zenrepo.flows.lookup import caught_up, commit_of
from zenrepo.flows.planning.resolve import resolve
from zenrepo.flows.planning.wiring import MODEL, Node, makers, nodes_of
from zenrepo.git import history
from zenrepo.git.locate import has_worktree
from zenrepo.git.uncommitted import as_commit
from zenrepo.index.store import Index
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
        error: why one that should run cannot.
    """

    pipeline: str
    runs: bool
    reason: str
    steps: list[StepImpact]
    error: ZenrepoError | None = None


class Impact(NamedTuple):
    """What a change of the repository would run.

    Args:
        old: the commit before; empty before the first.
        new: the commit after; empty for the working tree.
        pipelines: those that the commit holds, by name.
        broken: why others cannot be read.
    """

    old: str
    new: str
    pipelines: list[PipelineImpact]
    broken: list[ZenrepoError]


def impact(layout: Layout, revision: str | None = None, name: str | None = None) -> Impact:
    """Say what a change would run.

    Args:
        layout: of the repository.
        revision: a commit; ``A..B`` for all that lies between two, as one change; by default all that is uncommitted,
            and ``HEAD`` where nothing is.
        name: this pipeline alone, whose steps are looked at though no trigger runs it, as ``zenrepo run`` would.

    Raises:
        UsageError: if there is no such commit or pipeline.
    """
    old, new, uncommitted = _ends(layout, revision)
    with caught_up(layout) as (index, _):
        change = between(layout, index, old, new)
        broken: list[ZenrepoError] = []
        found = _chosen(sorted(pipelines(layout, index, new, broken)), name)
        event = _event(layout, revision, new)
        reasons = [(p, *_verdict(layout, index, p, change, event)) for p in found]
        own = would_trust(layout, index, new, old) if uncommitted else set()
        reasons = _unless_untrusted(layout, reasons, event, own)
    if is_skipped(layout, new):
        reasons = [
            (p, False, f"{why}, but its message says to queue no run" if runs else why) for p, runs, why in reasons
        ]
    judged = [_pipeline(layout, p, new, runs, why, by_hand=p.name == name) for p, runs, why in reasons]
    return Impact(old, "" if uncommitted else new, judged, broken)


def _chosen(found: list[Pipeline], name: str | None) -> list[Pipeline]:
    chosen = [pipeline for pipeline in found if name in (None, pipeline.name)]
    if name is not None and not chosen:
        raise UnknownName("pipeline", name, [pipeline.name for pipeline in found], "the commit holds no such pipeline")
    return chosen


def _ends(layout: Layout, revision: str | None) -> tuple[str, str, bool]:
    """Give the commits before and after a change, and whether the latter is what is uncommitted."""
    if revision and ".." in revision:
        old, _, new = revision.partition("..")
        if new.startswith("."):
            raise UsageError(f"'{revision}' has three dots", "write A..B: what came from A to B")
        return commit_of(layout, old or "HEAD"), commit_of(layout, new or "HEAD"), False
    if revision is None and has_worktree(layout):
        made = as_commit(layout.root)
        if made:
            return history.resolve(layout.root, "HEAD") or "", made, True
    new = commit_of(layout, revision or "HEAD")
    return history.resolve(layout.root, f"{new}^") or "", new, False


def _event(layout: Layout, revision: str | None, new: str) -> str:
    is_range = revision is not None and ".." in revision
    return MERGE if not is_range and history.resolve(layout.root, f"{new}^2") else COMMIT


def _verdict(layout: Layout, index: Index, pipeline: Pipeline, change: Change, event: str) -> tuple[bool, str]:
    if event not in pipeline.events:
        return False, f"its trigger has {', '.join(pipeline.events)}, and not {event}"
    if event == MERGE and pipeline.name not in {
        p.name for p in pipelines(layout, index, change.old, []) if MERGE in p.events
    }:
        return False, "its trigger did not have merge before"
    because = reason(pipeline, change, layout, index)
    if because and not on_branch(pipeline, layout, None):
        branch = history.branch(layout.folder) or "no branch"
        return False, f"{because}, but it runs on {', '.join(pipeline.branches)}, and this is {branch}"
    return bool(because), because or "nothing of it changed"


def _unless_untrusted(
    layout: Layout, reasons: list[tuple[Pipeline, bool, str]], event: str, own: set[str]
) -> list[tuple[Pipeline, bool, str]]:
    """Say where trust is what keeps a pipeline from running."""
    refused = untrusted(layout, [p for p, runs, _ in reasons if runs and p.name not in own], event)
    whys = dict.fromkeys(refused.names, "its trigger is not trusted on this machine (zenrepo trust)")
    whys |= dict.fromkeys(refused.merged, "merges may not run what others wrote (zenrepo trust --merges)")
    return [(p, False, f"{why}, but {whys[p.name]}") if p.name in whys else (p, runs, why) for p, runs, why in reasons]


def _pipeline(
    layout: Layout, pipeline: Pipeline, commit: str, runs: bool, because: str, *, by_hand: bool
) -> PipelineImpact:
    if not (runs or by_hand):
        return PipelineImpact(pipeline.name, runs, because, [])
    try:
        plan = _plan(layout, pipeline.name, commit)
    except ZenrepoError as error:
        return PipelineImpact(pipeline.name, False, because, [], error)
    return PipelineImpact(pipeline.name, runs, because, predict(layout, plan))


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

    What an evaluator compares to and a deployer replaces is looked up only when it is their turn: they may run all the
    same.
    """
    past = History(layout, plan.pipeline)
    nodes = nodes_of(plan.steps)
    sources = makers(nodes)
    results: dict[str, frozenset[int]] = {}
    found = []
    for node in nodes:
        inputs = sources[node.name]
        again = [maker for maker in dict.fromkeys(inputs.values()) if not results[maker]]
        same = None if again else _same(plan, node, {maker: results[maker] for maker in inputs.values()}, past)
        results[node.name] = same.artifacts(node.name) if same else frozenset()
        last = past.made(node.name)
        seconds = last.seconds(node.name) if last else None
        if same:
            maker = past.made(node.name, results[node.name]) or same
            found.append(StepImpact(node.name, False, maker.run.number, [], seconds))
        else:
            run, causes = _causes(layout, plan, node, again, past)
            found.append(StepImpact(node.name, True, run, causes, seconds))
    return found


def _same(plan: Plan, node: Node, inputs: dict[str, frozenset[int]], past: History) -> PastRun | None:
    """Find the newest run whose step had the same key and the same inputs, and whose result is still there."""
    for run in past:
        if run.state(node.name) not in (MADE, USED_AGAIN) or not run.is_there(node.name):
            continue
        if any(run.artifacts(maker) != artifacts for maker, artifacts in inputs.items()):
            continue
        if _has_key(run, plan, node):
            return run
    return None


def _has_key(run: PastRun, plan: Plan, node: Node) -> bool:
    if node.kind != MODEL and run.plan.environment != plan.environment:
        return False
    if node.step is None:
        return True
    before = run.steps.get(node.name)
    return before is not None and changes.is_same(before, node.step) and run.release in ("", RELEASE)


def _causes(layout: Layout, plan: Plan, node: Node, again: list[str], past: History) -> tuple[int | None, list[Cause]]:
    last = past.done(node.name)
    if last is None:
        return None, [Cause("first", "no earlier run made it")]
    found = of_plans(layout, node, last, plan, RELEASE)
    if again:
        steps = "steps {} run" if len(again) > 1 else "step {} runs"
        found.append(Cause("input", steps.format(", ".join(f"'{maker}'" for maker in again)) + " again"))
    return last.run.number, found or [Cause("lost", f"what run {last.run.number} had cannot be used again")]
