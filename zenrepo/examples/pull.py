"""Make a repository of an example."""

from __future__ import annotations

import shutil
from pathlib import Path

from zenrepo.errors import UsageError
from zenrepo.examples.catalogue import Example, find
from zenrepo.flows.init import make_repository
from zenrepo.git.command import attempt, git

REPOSITORIES = Path(__file__).parent / "repositories"
NOBODY = {"user.name": "Ada", "user.email": "ada@example.org"}
"""Who commits in an example, where git knows no other name."""


def pull(name: str, folder: Path | None = None) -> Path:
    """Make a git repository of an example, with its files committed and zenrepo's hooks in place.

    Args:
        name: of the example.
        folder: where; made if it is missing, and must be empty. By default one of the example's name, here.

    Returns:
        The folder.

    Raises:
        UnknownName: if there is no such example.
        UsageError: if the folder holds something.
        GitError: if git refuses; the folder is empty then.
    """
    example = find(name)
    folder = (folder or Path(name)).absolute()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is a file", _another(name))
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"'{folder}' is not empty", _way_out(example, folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _make(example, folder)
    except BaseException:
        _empty(folder)
        raise
    return folder


def _make(example: Example, folder: Path) -> None:
    """Commit the files before the hooks are there, so that no pipeline runs before its data is."""
    shutil.copytree(
        REPOSITORIES / example.name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    git(folder, "init", "--quiet", "--initial-branch", "main")
    if attempt(folder, "var", "GIT_COMMITTER_IDENT").returncode:
        for key, value in NOBODY.items():
            git(folder, "config", key, value)
    make_repository(folder, hooks=False)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", f"Begin with zenrepo's example '{example.name}'")
    make_repository(folder, trust=True)  # its triggers were committed before the hooks could see whose they are


def _way_out(example: Example, folder: Path) -> str:
    """Say what to do with a folder that holds something: perhaps the example itself."""
    if (folder / ".zenml" / "pipelines" / f"{example.pipeline}.yaml").is_file():
        return f"it has the pipeline '{example.pipeline}': to run it again, 'zenrepo run {example.pipeline}' in there"
    return _another(example.name)


def _another(name: str) -> str:
    return f"name a folder that is not there yet: 'zenrepo example pull {name} <folder>'"


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()
