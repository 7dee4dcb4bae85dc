"""Why each step of a run was run again, or was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from zenrepo.errors import UnknownName, ZenrepoError
from zenrepo.flows.answers import changes
from zenrepo.flows.answers.changes import NOTHING, Cause
from zenrepo.flows.answers.libraries import changed_libraries
from zenrepo.flows.answers.past_runs import MADE, USED_AGAIN, History, PastRun, read
from zenrepo.flows.answers.unseen import unseen
from zenrepo.flows.planning.wiring import MODEL, Node
from zenrepo.git import history
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal, Run
from zenrepo.runs.plan import Plan


class Why(NamedTuple):
    """What became of a step in a run, and why.

    Args:
        step: its name.
        state: ``cached`` where an earlier result was used again, otherwise how far it came.
        run: the number of the run that made what was used again, or that the causes compare to; ``None`` for none.
        causes: why it ran; of a model that was brought in, which that is.
    """

    step: str
    state: str
    run: int | None
    causes: list[Cause]


def why(layout: Layout, number: int, step: str | None = None) -> tuple[Run, list[Why]]:
    """Explain a run, step by step.

    Args:
        layout: of the repository.
        number: of the run.
        step: this one alone; all by default.

    Returns:
        The run, and its steps in the order in which they run, those of TFX's own between them too.

    Raises:
        UnknownName: for a run or a step that is not there.
        ZenrepoError: if the run has not begun, or its record is gone.
    """
    with Journal(layout.runs_db) as journal:
        run = read(layout, journal.run(number))
    nodes = [Node(n["name"], n["kind"], run.steps.get(n["name"])) for n in run.nodes]
    names = [node.name for node in nodes] or list(run.steps)
    if step is not None and step not in names:
        raise UnknownName("step", step, names, f"run {number} has {', '.join(names)}")
    before = History(layout, run.run.pipeline, number)
    return run.run, [_explain(layout, run, node, before) for node in nodes if step in (None, node.name)]


def _explain(layout: Layout, run: PastRun, node: Node, before: History) -> Why:
    state = run.state(node.name) or "waiting"
    if state == USED_AGAIN and node.kind == MODEL:
        return Why(node.name, state, None, [_brought_in(run, node)])
    if state == USED_AGAIN:
        maker = before.made(node.name, run.artifacts(node.name))
        return Why(node.name, state, maker.run.number if maker else None, [])
    if state in ("waiting", "skipped"):
        return Why(node.name, state, None, [])
    last = _alike(run, node, before) or before.done(node.name)
    causes = [Cause("no-cache", "the run was asked for with --no-cache")] if run.runs_anew(node.name) else []
    if last is None:
        return Why(node.name, state, None, [*causes, Cause("first", "no earlier run made it")])
    causes += _causes(layout, run, node, last) + _inputs(run, node.name, last)
    return Why(node.name, state, last.run.number, causes or [unseen(run, node, last)])


def _brought_in(run: PastRun, node: Node) -> Cause:
    """Say which model a node brings in that trains none."""
    facts = run.facts(node.name)
    made = f"which run {facts['run']} made" if facts.get("run") else "which no run made"
    return Cause("other", f"brings in '{facts.get(MODEL, '')}', {made}")


def _alike(run: PastRun, node: Node, before: History) -> PastRun | None:
    """Find the newest run whose result would have been used again, had it been there, whole, and wanted."""
    if run.runs_anew(node.name):
        return None
    return next((past for past in before if past.artifacts(node.name) and _is_alike(run, node, past)), None)


def _is_alike(run: PastRun, node: Node, past: PastRun) -> bool:
    if past.plan.environment != run.plan.environment or past.taken(node.name) != run.taken(node.name):
        return False
    if node.step is None:
        return True
    step = past.steps.get(node.name)
    return step is not None and past.release == run.release and changes.is_same(step, node.step)


def _causes(layout: Layout, run: PastRun, node: Node, last: PastRun) -> list[Cause]:
    """Say what of the step itself is not as it was."""
    return of_plans(layout, node, last, run.plan, run.release)


def of_plans(layout: Layout, node: Node, last: PastRun, plan: Plan, release: str) -> list[Cause]:
    """Say what of a step itself is in a plan not as it was in an earlier run.

    Args:
        layout: of the repository.
        node: the step in the plan.
        last: the earlier run.
        plan: the plan.
        release: of zenrepo, that executes it; empty where that is not known.
    """
    libraries = [] if node.kind == MODEL else changed_libraries(layout, last.plan, plan)
    if node.step is None:
        return libraries
    if node.name not in last.steps:
        return [Cause("first", f"run {last.run.number} had no such step")]
    found = changes.causes(layout, (last.plan, last.steps[node.name]), (plan, node.step))
    return found + libraries + released(last.release, release, found)


def released(old: str, new: str, found: list[Cause]) -> list[Cause]:
    """Say whether another release of zenrepo executes a step, unless that is among its causes already."""
    if not old or not new or old == new or any(cause.kind == "release" for cause in found):
        return []
    return [Cause("release", f"{old} -> {new}", [], old, new)]


def _inputs(run: PastRun, step: str, last: PastRun) -> list[Cause]:
    """Say which steps gave something else than before."""
    inputs, before = (differing(each.sources.get(step, {}), run.taken(step), last.taken(step)) for each in (run, last))
    found = rewired(inputs, before)
    for maker in dict.fromkeys(inputs.values()):
        keys = [key for key, name in inputs.items() if name == maker == before.get(key)]
        if keys:
            ran = "ran again" if run.state(maker) == MADE else "gave another result"
            found.append(Cause("input", f"{', '.join(keys)}: step '{maker}' {ran}"))
    return found


def differing(sources: Mapping[str, str], now: Mapping[str, object], before: Mapping[str, object]) -> dict[str, str]:
    """Leave out the inputs that are the same, whichever step they come from: two can bring in one model.

    Args:
        sources: the names of the steps that inputs come from, by input.
        now: what the inputs are.
        before: what they were.
    """
    return {key: maker for key, maker in sources.items() if now.get(key) != before.get(key)}


def rewired(inputs: Mapping[str, str], before: Mapping[str, str]) -> list[Cause]:
    """Say which inputs of a step come from other steps than before.

    Args:
        inputs: the names of the steps that give them, by input.
        before: the same in an earlier run.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for key in {**before, **inputs}:
        pair = before.get(key, ""), inputs.get(key, "")
        if pair[0] != pair[1]:
            found.setdefault(pair, []).append(key)
    causes = []
    for pair, keys in found.items():
        old, new = (f"step '{name}'" if name else NOTHING for name in pair)
        causes.append(Cause("input", f"{', '.join(keys)}: {old} -> {new}"))
    return causes


def not_cached(layout: Layout, number: int, step: str) -> str:
    """Say why a step has no result that a run can use again, which was to begin behind it; empty if nothing tells.

    Args:
        layout: of the repository.
        number: of the run, whose record is there.
        step: its name.
    """
    try:
        [found] = why(layout, number, step)[1]
    except ZenrepoError:
        return ""
    since = f"; since run {found.run}" if found.run else ""
    return "; ".join(cause.text for cause in found.causes) + since


def difference(layout: Layout, cause: Cause) -> str:
    """Give the changed lines behind a cause as a unified diff; empty where git does not have them."""
    if cause.commits is None or not cause.files:
        return ""
    paths = [layout.prefix + file.path for file in cause.files]
    return history.difference(layout.root, *cause.commits, paths)
