"""Load a step class as it was at a commit."""

from __future__ import annotations

import importlib
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

import zenrepo
from zenrepo.errors import PinError, did_you_mean
from zenrepo.git.history import resolve
from zenrepo.git.locate import locate
from zenrepo.git.objects import way_to_get_commits
from zenrepo.layout import Layout
from zenrepo.sources.finder import PACKAGE, modules_at
from zenrepo.sources.modules import ORIGIN
from zenrepo.sources.pinned import CommitModules


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
        PinError: where the pin cannot be honoured: unknown commit, no such class there, code that cannot be run,
            another release.
        NotARepository: where the folder is in no repository.
    """
    step_type, at, version = pin.partition("@")
    if not at:
        raise PinError(f"'{pin}' names no version", f"add one: {pin}@<commit>")
    if step_type.startswith("zenrepo."):
        return _shipped(step_type, version)
    layout = locate(repository)
    commit = resolve(layout.root, version)
    if commit is None:
        raise PinError(f"this clone has no commit '{version}'", way_to_get_commits(layout.common))
    return load_at(step_type, commit, layout)


def load_at(step_type: str, commit: str, layout: Layout) -> type[Any]:
    """Load a step class from a commit.

    Args:
        step_type: the dotted path of the class.
        commit: the commit's whole id.
        layout: of the repository that has it.

    Returns:
        The class.

    Raises:
        PinError: where the commit is not there, or the class not in it, or its code cannot be run.
    """
    importlib.import_module(PACKAGE)
    modules = modules_at(commit, layout)
    module, qualname = _divide(modules, step_type, commit)
    found: Any = _run(modules, module, commit)
    for name in qualname.split("."):
        holder, found = found, getattr(found, name, None)
        if found is None:
            break
    if not isinstance(found, type):
        near = did_you_mean(name, [n for n, v in vars(holder).items() if isinstance(v, type)])
        raise PinError(f"'{module}' at {commit[:12]} has no class '{qualname}'", near or "see 'zenrepo steps'")
    return found


def has_module(name: str, commit: str, repository: Path | None = None) -> bool:
    """Say whether a commit has the module of a dotted path, or a package around it.

    Args:
        name: the dotted path of a class or module.
        commit: as ``git rev-parse`` takes it.
        repository: as in ``load``.
    """
    layout = locate(repository)
    found = resolve(layout.root, commit)
    return found is not None and modules_at(found, layout).find(name.partition(".")[0]) is not None


def _run(modules: CommitModules, name: str, commit: str) -> ModuleType:
    """Import a module of a commit, and say what it means where that fails."""
    failed = f"'{name}' at {commit[:12]}"
    try:
        return importlib.import_module(f"{modules.package}.{name}")
    except PinError:
        raise
    except SyntaxError as error:
        raise PinError(
            f"{failed} cannot be run by this Python, {platform.python_version()}: {error}",
            "use a Python that its code was written for",
        ) from error
    except ImportError as error:
        lacks_own = bool(error.name and modules.find(error.name.removeprefix(f"{modules.package}.").partition(".")[0]))
        raise PinError(
            f"{failed} imports what {'its commit' if lacks_own else 'this environment'} lacks: "
            f"{str(error).replace(f'{modules.package}.', '')}",
            "take a commit that is whole; see 'zenrepo steps'"
            if lacks_own
            else "install the packages that the repository needed then",
        ) from error
    except (Exception, SystemExit) as error:  # whatever a user's module does when it is run
        if ORIGIN in str(getattr(error, "filename", "")):
            hint = "a pinned module has no file: read what stands beside it through importlib.resources"
        else:
            hint = "its code may need older packages: install those that the repository needed then"
        raise PinError(f"{failed} failed when it was run: {type(error).__name__}: {error}", hint) from error


def _divide(modules: CommitModules, step_type: str, commit: str) -> tuple[str, str]:
    """Divide a step type into its module, the longest that the commit has, and the class in it."""
    parts = step_type.split(".")
    for end in range(len(parts) - 1, 0, -1):
        source = modules.find(".".join(parts[:end]))
        if source is not None and source.text is not None:
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
