"""Ask the heavy half about artifacts, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from zenrepo.errors import UsageError, ZenrepoError
from zenrepo.git.command import clean_environment
from zenrepo.runs.processes.launch import NEEDED

_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}


def ask(question: str, **arguments: Any) -> Any:
    """Have an artifact read by ``python -m zenrepo.runner.view``.

    Args:
        question: the name of a view.
        arguments: what the view takes; plain data.

    Returns:
        The answer, plain data.

    Raises:
        UsageError: for an argument that names what is not there.
        ZenrepoError: where TFX is not installed, or the artifact cannot be read.
    """
    if find_spec("tfx") is None:
        raise ZenrepoError("artifacts are read with TFX, and this environment has no 'tfx'", NEEDED)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "zenrepo.runner.view", question],
        input=json.dumps(arguments).encode(),
        capture_output=True,
        cwd="/",  # a module of the user's must not stand in the way of one of TFX's
        env=clean_environment() | _QUIET,
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ZenrepoError(f"the {question} cannot be read: {said[0]}") from error
    if "error" in answer:
        problem = answer["error"]
        kind = UsageError if problem["exit_code"] == UsageError.exit_code else ZenrepoError
        raise kind(problem["message"], problem["hint"])
    return answer["answer"]
