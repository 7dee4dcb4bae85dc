"""The commands of the demo, each printed before it runs."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from zenrepo.errors import ZenrepoError
from zenrepo.shell import Shell

FILES = Path(__file__).parent / "repository"
_EDIT = ("steps/shape.py", "[measurements, measurements // 2]", "[2 * measurements, measurements]")

_NO_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""Git as it comes: the user's own may sign commits, or keep the hooks of all repositories in one folder."""


class Tour:
    """A walk through a scratch repository.

    Args:
        folder: an empty folder, which becomes the repository.
        say: prints a line.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        shell = Shell(folder, say, **_NO_SETTINGS)
        self._run, self._output = shell.run, shell.output

    def take(self) -> None:
        """Walk from an empty folder to a prediction."""
        begun = time.monotonic()
        self._prepare()
        self._first_commit()
        self._second_commit()
        self._look_back()
        self._where_time_went(time.monotonic() - begun)

    def _prepare(self) -> None:
        self._title("A git repository with steps of our own, and real data")
        self._run("git", "init", "--quiet", "--initial-branch", "main")
        self._run("git", "config", "user.name", "Ada")
        self._run("git", "config", "user.email", "ada@example.org")
        shutil.copytree(FILES, self._folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (self._folder / ".gitignore").write_text("/serving/\n__pycache__/\n", encoding="utf-8")
        pipelines = self._folder / ".zenml" / "pipelines"
        text = (pipelines / "cancer.yaml").read_text(encoding="utf-8")
        shutil.rmtree(self._folder / ".zenml")
        self._run("python", "make_data.py")
        self._run("cat", "steps/network.py", "steps/shape.py")
        self._title("zenrepo comes in; a pipeline is a file")
        self._run("zenrepo", "init")
        (pipelines / "cancer.yaml").write_text(text, encoding="utf-8")
        self._run("cat", ".zenml/pipelines/cancer.yaml")

    def _first_commit(self) -> None:
        self._title("A commit that touches a pipeline runs it")
        self._run("git", "add", ".")
        self._run("git", "commit", "--quiet", "--message", "Predict whether a tumour is benign")
        self._run("zenrepo", "runs", "--follow")

    def _second_commit(self) -> None:
        self._title("A helper of the trainer changes: what did not change is used again")
        name, old, new = _EDIT
        self._say(f"$ $EDITOR {name}")
        path = self._folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        self._run("git", "diff", "--unified=0", "--", name)
        self._run("git", "commit", "--quiet", "--all", "--message", "Widen the network")
        self._run("zenrepo", "runs", "--follow")

    def _look_back(self) -> None:
        self._title("Which versions of our trainer are there? What do they do?")
        self._run("zenrepo", "steps", "--type", "steps.network.Network")
        self._run("cat", "side_by_side.py")
        self._run("python", "side_by_side.py")
        self._title("Where does the deployed model come from?")
        self._run("zenrepo", "lineage", "serving/cancer")
        self._title("And what does it say?")
        self._run("python", "-W", "ignore", "predict.py")

    def _where_time_went(self, seconds: float) -> None:
        self._title("Where the time went")
        for number in (1, 2):
            report = json.loads(self._output("zenrepo", "runs", str(number), "--json"))
            parts: dict[str, float] = next((e["parts"] for e in report["events"] if "parts" in e), {})
            took = "  ".join(f"{name} {value:.1f} s" for name, value in parts.items())
            self._say(f"run {number}: {report['ended'] - report['started']:.1f} s  ({took})")
        self._say(f"the whole demo: {seconds:.0f} s")
        self._say(f"the repository stays in {self._folder}")

    def _title(self, text: str) -> None:
        self._say(f"\n# {text}\n")


def take_tour(folder: Path, say: Callable[[str], None]) -> None:
    """Make a scratch repository and do in it what a user does.

    Args:
        folder: where; made if it is missing, and must be empty.
        say: prints a line.

    Raises:
        ZenrepoError: if the folder holds something, or a command fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ZenrepoError(f"'{folder}' is not empty", "name a folder that is not there yet")
    Tour(folder, say).take()
