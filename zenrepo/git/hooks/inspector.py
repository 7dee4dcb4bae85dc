"""Say how zenrepo's hooks are, and prove that they fire."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from zenrepo.git.command import attempt, clean_environment
from zenrepo.git.hooks.file import COMMON, HookFile, is_executable, is_ours
from zenrepo.git.hooks.folder import HookFolder, find_hook_folder
from zenrepo.git.hooks.installer import HOOKS, callable_hooks, wanted
from zenrepo.layout import Layout

PROOF = "ZENREPO_HOOK_PROOF"
"""Names a file that ``zenrepo.hook`` writes its name to, and does nothing else; no hook before it runs."""

_PYTHON = re.compile(rb"^zenrepo_python=(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class HookStatus:
    """How one hook is.

    Args:
        name: the hook, as git calls it.
        path: the file of zenrepo's hook, there or not.
        installed: whether it is there, and git or the hook that git runs leads to it.
        executable: whether git would run it.
        interpreter: the Python that it starts, where it is installed.
        interpreter_present: whether that Python still exists.
        before: the other hook that runs before zenrepo's, where there is one.
        behind: the other hook that git runs and that runs zenrepo's, where there is one.
        shadowed: whether zenrepo's is in the clone's own folder while ``core.hooksPath`` leads elsewhere.
    """

    name: str
    path: Path
    installed: bool
    executable: bool
    interpreter: Path | None
    interpreter_present: bool
    before: Path | None
    behind: Path | None
    shadowed: bool

    @property
    def ready(self) -> bool:
        """Whether everything is in place for the hook to fire."""
        return self.installed and self.executable and self.interpreter_present


def status(layout: Layout, events: Iterable[str] = ()) -> list[HookStatus]:
    """Say how each hook is that a repository needs, or has.

    Args:
        layout: of the repository.
        events: those that its pipelines ask for.

    Raises:
        NotARepository: if the repository is not there any more.
    """
    folder = find_hook_folder(layout)
    states = [_status(folder, name, HookFile(callable_hooks(layout), name)) for name in HOOKS]
    needed = wanted(layout, events)
    return [state for state in states if state.name in needed or state.installed]


def prove(layout: Layout, events: Iterable[str] = ()) -> bool:
    """Let git fire every hook that is needed, and say whether ``zenrepo.hook`` answered each time.

    No commit is made: refs, index and reflog stay as they are, and no hook before zenrepo's runs. Where
    another tool's hook runs zenrepo's, only zenrepo's part is run.

    Args:
        layout: of the repository.
        events: those that its pipelines ask for.

    Raises:
        NotARepository: if the repository is not there any more.
    """
    folder = find_hook_folder(layout)
    return all(state.ready and _answers(folder, state) for state in status(layout, events))


def _status(folder: HookFolder, name: str, to_call: HookFile) -> HookStatus:
    hook = HookFile(folder.path, name)
    behind = hook.path if hook.seat != hook.path else None
    if not hook.installed and to_call.installed and _calls(hook.path, to_call):
        ours, behind = to_call, hook.path
    else:
        ours = hook
    python = _interpreter(ours) if ours.installed else None
    return HookStatus(
        name=name,
        path=ours.seat,
        installed=ours.installed,
        executable=is_executable(ours.seat) and (behind is None or is_executable(behind)),
        interpreter=python,
        interpreter_present=python is not None and os.access(python, os.X_OK),
        before=ours.before if os.path.lexists(ours.before) else None,
        behind=behind,
        shadowed=folder.moved and is_ours(folder.default / name),
    )


def _calls(path: Path, to_call: HookFile) -> bool:
    """Say whether a hook of the project has the line that calls zenrepo's."""
    return path.is_file() and f"zenml/hooks/{to_call.name}".encode() in path.read_bytes()


def _interpreter(hook: HookFile) -> Path | None:
    """Read from the hook's common part which Python it starts."""
    common = hook.folder / COMMON
    found = _PYTHON.search(common.read_bytes()) if is_ours(common) else None
    return Path(shlex.split(os.fsdecode(found[1]))[0]) if found else None


def _answers(folder: HookFolder, state: HookStatus) -> bool:
    with TemporaryDirectory(prefix="zenrepo-") as scratch:
        proof = Path(scratch) / "proof"
        _fire(folder, state, {**clean_environment(), PROOF: str(proof), "ZENREPO_SKIP": ""})
        return proof.is_file() and proof.read_text("utf-8") == state.name


def _fire(folder: HookFolder, state: HookStatus, environment: dict[str, str]) -> None:
    """Let git run a hook; or run it as git does where that has no command for it, as before 2.36."""
    if state.behind is None:
        done = attempt(folder.top, "hook", "run", state.name, environment=environment)
        if b"is not a git command" not in done.stderr:
            return
    subprocess.run(
        [str(state.path)],
        cwd=folder.top,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
