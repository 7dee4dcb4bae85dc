"""What every test needs: a home folder of its own, and git repositories to work on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from zenrepo.runner.fresh import load_before_tensorflow

load_before_tensorflow()  # some tests have steps of TensorFlow and of PyTorch in one process


@dataclass(frozen=True)
class GitRepository:
    """A real git repository in a temporary folder.

    Args:
        path: the top of its working tree.
    """

    path: Path

    def git(self, *arguments: str, **variables: str) -> str:
        """Run a git command that must succeed, and return what it prints without the last newline."""
        done = self.attempt(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")

    def attempt(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a git command that may fail."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    def commit(self, files: dict[str, str | bytes | None], message: str = "change") -> str:
        """Write files (``None`` deletes one), commit them, and return the commit."""
        for name, content in files.items():
            self.write(name, content)
        if files:
            self.git("add", "--all", "--", *files)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def trust(self, folder: str = "", *, merges: bool | None = None) -> None:
        """Trust what the triggers of HEAD, and those that are committed from now on, run by themselves."""
        from zenrepo.flows.intake.trusted import trust
        from zenrepo.git.locate import locate

        trust(locate(self.path / folder), merges=merges)

    def write(self, name: str, content: str | bytes | None) -> Path:
        """Write a file of the working tree, or delete it."""
        file = self.path / name
        if content is None:
            file.unlink()
            return file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is made for several tests away from what the user of this machine trusts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("ZENREPO_WORKER_IDLE", "0")  # no worker outlives its test
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a test away from the user's home folder, settings and git."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "ZENREPO_"))]:
        monkeypatch.delenv(name)
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ZENREPO_WORKER_IDLE", "0")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    return home


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[[str], GitRepository]:
    """Make git repositories without a commit, by the name of their folder."""

    def make(name: str) -> GitRepository:
        repository = GitRepository(tmp_path / name)
        repository.path.mkdir(parents=True)
        repository.git("init", "--quiet", "--initial-branch=main")
        return repository

    return make


@pytest.fixture
def repository(make_repository: Callable[[str], GitRepository]) -> GitRepository:
    """Make a git repository without a commit."""
    return make_repository("repository")
