"""Load a step class as it was at a commit."""

from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path
from typing import Any

import zenrepo
from zenrepo.errors import PinError, did_you_mean
from zenrepo.git.history import resolve
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.sources.pinned import PACKAGE, CommitModules, modules_at


def load(pin: str, repository: Path | None = None) -> type[Any]:
    """Load a step class as it was.

    The class is made from git objects, with the modules of the same commit that it imports; what it imports from
    elsewhere comes from the environment. The working tree does not matter and is not touched. The same pin gives the
    same class each time.

    Args:
        pin: ``module.step.MyStep@<commit>``, the commit as ``git rev-parse`` takes it; for a step that ships with
            zenrepo ``zenrepo.steps.Class@zenrepo_<release>``.
        repository: a folder inside the repository; the current one by default.

    Returns:
        The class.

    Raises:
        PinError: where the pin cannot be honoured: unknown commit, no such class there, another release.
    """
    step_type, at, version = pin.rpartition("@")
    if not at:
        raise PinError(f"'{pin}' names no version", f"add one: {pin}@<commit>")
    if step_type.startswith("zenrepo."):
        return _shipped(step_type, version)
    layout = locate(repository)
    commit = resolve(layout.root, version)
    if commit is None:
        raise PinError(f"this clone has no commit '{version}'", "see 'zenrepo steps', or run 'git fetch --all'")
    return load_at(step_type, commit, layout)


def load_at(step_type: str, commit: str, layout: Layout) -> type[Any]:
    """Load a step class from a commit.

    Args:
        step_type: the dotted path of the class.
        commit: the commit's whole id.
        layout: of the repository that has it.

    Raises:
        PinError: where the commit is not there, or the class not in it, or its code cannot be run.
    """
    importlib.import_module(PACKAGE)
    modules = modules_at(commit, layout)
    module, qualname = _divide(modules, step_type, commit)
    try:
        found: Any = importlib.import_module(f"{modules.package}.{module}")
    except SyntaxError as error:
        raise PinError(f"'{module}' at {commit[:12]} cannot be run by this Python: {error}") from error
    except ImportError as error:
        raise PinError(
            f"'{module}' at {commit[:12]} imports what this environment lacks: {error}",
            "install the packages that the repository needed then",
        ) from error
    for name in qualname.split("."):
        found = getattr(found, name, None)
    if not isinstance(found, type):
        near = did_you_mean(qualname, [n for n, v in vars(found or object).items() if isinstance(v, type)])
        raise PinError(f"'{module}' at {commit[:12]} has no class '{qualname}'", near or "see 'zenrepo steps'")
    return found


def _divide(modules: CommitModules, step_type: str, commit: str) -> tuple[str, str]:
    """Divide a step type into its module, the longest that the commit has, and the class in it."""
    parts = step_type.split(".")
    for end in range(len(parts) - 1, 0, -1):
        source = modules.find(".".join(parts[:end]))
        if source is not None and source.text:
            return ".".join(parts[:end]), ".".join(parts[end:])
    raise PinError(
        f"commit {commit[:12]} has no step type '{step_type}'", "see 'zenrepo steps' for the types and their versions"
    )


def _shipped(step_type: str, version: str) -> type[Any]:
    release = f"zenrepo_{zenrepo.__version__}"
    if version != release:
        raise PinError(
            f"'{step_type}@{version}' ships with another release, and this is {release}",
            f"install it: pip install zenrepo=={version.removeprefix('zenrepo_')}",
        )
    module, _, name = step_type.rpartition(".")
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, type):
        raise PinError(f"{release} has no step '{step_type}'", "see the reference of standard steps")
    return found
