"""What a warm parent imports beforehand, and how a child that it forked becomes a process like a new one."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from zenrepo.runner.conducting.lightness import OF_STEPS, without_heavy_imports
from zenrepo.runs.processes.parents import LIGHT, QUIET

_DIE_WITH_PARENT, _ADOPT = 1, 36
"""Linux's numbers for it, ``PR_SET_PDEATHSIG`` and ``PR_SET_CHILD_SUBREAPER``."""
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def prepare(kind: str) -> None:
    """Import what the first child of a kind of parent needs; nothing else may happen in a parent."""
    if kind == LIGHT:
        with without_heavy_imports(OF_STEPS):
            import_module("zenrepo.runner.run")
    else:
        prepare_steps(kind)


def prepare_steps(kind: str) -> None:
    """Import what steps need. The light parent waits for the first with it: a run that is wholly cached has none."""
    from zenrepo.runner.executors import EXECUTORS, WITHOUT_TENSORFLOW

    if kind != LIGHT:
        load_before_tensorflow()
    import_module("zenrepo.runner.child")
    for name, executor in EXECUTORS.items():
        if kind != LIGHT or name in WITHOUT_TENSORFLOW:
            executor.load()


def load_before_tensorflow() -> None:
    """Import Triton, where PyTorch brought it: importing it after TensorFlow 2.20 or 2.21 is a segmentation fault.

    They give their own LLVM to every library that is loaded later: https://github.com/tensorflow/tensorflow/issues/124205
    """
    with suppress(ImportError):
        import_module("triton._C.libtriton")


def become(request: dict[str, Any], files: list[int], parent: int) -> int:
    """Be a process of its own, and do what was asked.

    Args:
        request: as `zenrepo.runs.processes.forked.Forked` makes it.
        files: descriptors for standard input, output and error; none where they stay as they are.
        parent: the process that forked this one.

    Returns:
        The exit status.
    """
    os.setsid()
    if request["task"] == "step":
        _die_with(parent)
        _adopt()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    _settle(request["environment"], request["folder"])
    if request["task"] == "conduct":
        from zenrepo.runner.run import run

        status = run(**request["arguments"])
    else:
        from zenrepo.runner.child import perform

        perform(request["arguments"])
        status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _die_with(parent: int) -> None:
    """Have the system kill this process when its parent dies, which could not do so any more."""
    if _libc is not None:
        _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _adopt() -> None:
    """Have daemons that this process starts stay below it as long as it lives, so that they can be ended with it."""
    if _libc is not None:
        _libc.prctl(_ADOPT, 1, 0, 0, 0)


def _settle(environment: dict[str, str], folder: str) -> None:
    """Take over variables and folder of whoever asked, and chance of one's own."""
    os.environ.clear()
    os.environ.update(environment | QUIET)
    time.tzset()
    wanted = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[0:0] = [path for path in wanted if path and path not in sys.path]
    os.chdir(folder)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
