"""From a commit to the first line of its first step, cold and warm; baseline, ``import tensorflow``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, cpu, git, show, zenrepo
from zenrepo.git.locate import locate
from zenrepo.runs.journal import ENDED, Journal

REPEATS = 3
_PIPELINE = """\
version: 1
name: tea
trigger: {{on: [commit]}}
kind: data
steps:
  data: {{type: steps.{step}.Step}}
"""
_STEP = """\
import time
from pathlib import Path

{imports}
from zenrepo.steps import DataStep

EDIT = {edit}


class Step(DataStep):
    def batches(self):
        Path({stamp!r}).write_text(str(time.time()))
        import pyarrow as pa

        yield pa.RecordBatch.from_pydict({{"n": pa.array([EDIT])}})

    def read_from_source(self):
        raise NotImplementedError("batches are read")
"""
STEPS = {"plain": "", "heavy": "import tensorflow as tf\n"}
"""What the steps import."""


class Site:
    """A repository whose commits run a pipeline of one step.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.folder.mkdir()
        self.stamp = folder / "stamp"
        self.edits = 0
        git(self.folder, "init", "--quiet", "--initial-branch=main")
        git(self.folder, "config", "user.name", "Ada")
        git(self.folder, "config", "user.email", "ada@example.org")
        cpu(zenrepo("init", "--trust"), self.folder, repeats=1)

    def commit(self, step: str) -> float:
        """Commit an edit of a step; return the seconds from there until its first line."""
        self.edits += 1
        self.stamp.unlink(missing_ok=True)
        (self.folder / "steps").mkdir(exist_ok=True)
        text = _STEP.format(imports=STEPS[step], edit=self.edits, stamp=str(self.stamp))
        (self.folder / "steps" / f"{step}.py").write_text(text, encoding="utf-8")
        (self.folder / ".zenml/pipelines/tea.yaml").write_text(_PIPELINE.format(step=step), encoding="utf-8")
        git(self.folder, "add", ".")
        began = time.time()
        git(self.folder, "commit", "--quiet", "--message", "edit")
        self._settle()
        return float(self.stamp.read_text()) - began

    def _settle(self) -> None:
        """Wait until the newest run has ended."""
        with Journal(locate(self.folder).runs_db) as journal:
            until = time.monotonic() + 600
            while (run := journal.runs(limit=1)[0]).state not in ENDED and time.monotonic() < until:
                time.sleep(0.05)
        if run.state != "complete":
            raise RuntimeError(f"run {run.number} is {run.state}: {run.message}")


def main() -> None:
    """Commit, and print the seconds; a worker ends with its repository, which is scratch."""
    imports = statistics.median(_import() for _ in range(REPEATS))
    rows = []
    for idle in (0, 60):
        with tempfile.TemporaryDirectory() as scratch:
            _settings(Path(scratch), idle)
            site = Site(Path(scratch))
            site.commit("plain")  # the first commit makes the index and the journal
            if not idle:
                rows.append(("cold, a step that needs no TensorFlow", _median(site, "plain")))
                continue
            rows.append(("warm, a step that needs no TensorFlow", _median(site, "plain")))
            site.commit("heavy")
            rows.append(("warm, a step that imports TensorFlow", _median(site, "heavy")))
    show(
        f"commit to first step (seconds; `import tensorflow` took {imports:.1f} s)",
        ("", "seconds", "x import tensorflow"),
        [(name, took, took / imports) for name, took in rows],
    )


def _settings(folder: Path, idle: int) -> None:
    """Give every process that follows a user's settings of its own."""
    file = folder / "config/zenrepo/config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"worker: {{idle: {idle}}}\n", encoding="utf-8")
    for name in ("config", "state"):
        ENVIRONMENT[f"XDG_{name.upper()}_HOME"] = str(folder / name)


def _median(site: Site, step: str) -> float:
    return statistics.median(site.commit(step) for _ in range(REPEATS))


def _import() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import tensorflow"], check=True, capture_output=True)
    return time.monotonic() - began
