"""Runs as a worker records them, without executing anything: real journals, plans and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.conftest import GitRepository
from zenrepo.flows.planning.resolve import resolve
from zenrepo.flows.planning.wiring import Node, nodes_of
from zenrepo.git.locate import locate
from zenrepo.runs import events
from zenrepo.runs.journal import COMPLETE, FAILED, Journal
from zenrepo.runs.options import Options

STEP = "from zenrepo.steps import TrainerStep\nfrom lib.shape import width\nclass Net(TrainerStep):\n    pass\n"
PIPELINE = """\
version: 1
name: p
trigger:
  on: [commit]
  branches: []
  paths: []
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {path: data/table.csv}
  split:
    type: zenrepo.steps.RandomSplit
    args: {split_map: {train: 0.7, eval: 0.3}}
  preprocess:
    type: zenrepo.steps.StandardPreprocess
    args: {label: a}
  trainer:
    type: steps.net.Net
    args: {}
"""
NODES = ("data", "split", "statistics", "schema", "preprocess", "trainer")


class Recorded:
    """A repository with a pipeline, and runs of it.

    Args:
        git: the repository; the first commit is made.
        store: the folder of the artifacts.
    """

    def __init__(self, git: GitRepository, store: Path) -> None:
        self.git = git
        self.store = store
        self._artifact = self._execution = 0
        self._newest: dict[str, int] = {}
        git.commit(
            {
                ".zenml/config.yaml": "version: 1\n",
                ".zenml/pipelines/p.yaml": PIPELINE,
                "steps/net.py": STEP,
                "lib/shape.py": "def width(): return 1\n",
                "data/table.csv": "a\n1\n",
                "README.md": "",
            },
            "one",
        )
        git.trust()
        metadata = locate(git.path).metadata_db
        metadata.parent.mkdir(parents=True, exist_ok=True)
        metadata.touch()

    def edit(self, path: str, old: str, new: str) -> str:
        """Change a file, and commit it."""
        text = (self.git.path / path).read_text()
        assert old in text
        return self.git.commit({path: text.replace(old, new)}, f"edit {path}")

    def begin_metadata_anew(self) -> None:
        """Have ML Metadata number executions as if its store had been deleted."""
        self._execution = 0

    def run(
        self,
        made: Iterable[str] = NODES,
        *,
        cache: bool = True,
        failing: str = "",
        captured: str = "",
        facts: Mapping[str, Mapping[str, object]] = {},
    ) -> int:
        """Record a run in which some steps were made, and the others' results used again; give its number.

        It executes HEAD, or a captured working tree. Models from outside are brought in, and never made.
        """
        layout = locate(self.git.path)
        with Journal(layout.runs_db) as journal:
            commit, options = captured or self.git.git("rev-parse", "HEAD"), Options(captured=bool(captured))
            run = journal.add("p", commit, layout.root, "asked for", cache=cache, options=options)
            plan = resolve(layout, run)
            folder = layout.run(run.id)
            folder.mkdir(parents=True)
            plan.write(folder / "plan.json")
            nodes = nodes_of(plan.steps)
            with (folder / "events.jsonl").open("w") as stream:
                steps = [{"name": n.name, "kind": n.kind, "type": n.step.type if n.step else ""} for n in nodes]
                events.write(stream, "run", state="running", steps=steps)
                for position, node in enumerate(nodes):
                    if node.name == failing:
                        events.write(stream, "step", step=node.name, state="failed", seconds=1.0)
                        for skipped in nodes[position + 1 :]:
                            events.write(stream, "step", step=skipped.name, state="skipped")
                        break
                    state = "complete" if node.name in made else "cached"
                    self._execution += 1
                    said = {
                        "seconds": position + 0.5,
                        "execution": self._execution,
                        "artifacts": [self._artifact_of(node, new=node.name in made)],
                        "facts": {"model": node.model} if node.model else facts.get(node.name, {}),
                    }
                    events.write(stream, "step", step=node.name, state=state, **said)
            journal.end(run.number, FAILED if failing else COMPLETE, "no luck" if failing else "")
        return run.number

    def uri(self, step: str) -> Path:
        """Give the folder of the newest artifact of a step."""
        return self.store / str(self._newest[step])

    def _artifact_of(self, node: Node, *, new: bool) -> dict[str, object]:
        step = node.model or node.name  # whichever step brings a model in
        if new or (node.model and node.model not in self._newest):
            self._artifact += 1
            self._newest[step] = self._artifact
            self.uri(step).mkdir(parents=True)
        return {"id": self._newest[step], "type": "Examples", "name": node.name, "uri": str(self.uri(step))}
