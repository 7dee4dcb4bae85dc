"""``python -m zenrepo.runner PLAN.json``: execute a plan, write events to standard output, exit with 0 or 6."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from zenrepo.runner.conducting.lightness import OF_STEPS, without_heavy_imports
from zenrepo.runs.processes.launch import ATTACHED

_BEGAN = time.monotonic()
with without_heavy_imports(OF_STEPS):
    from zenrepo.runner.run import run


def main(arguments: list[str]) -> int:
    """Execute the plan that the command line names.

    Args:
        arguments: the path of the plan, and perhaps ``--attached``: then the run stops when standard input ends.

    Returns:
        0 where the run is complete, 6 where it failed, 2 where there is no such plan.
    """
    if not arguments or arguments[1:] not in ([], [ATTACHED]) or not Path(arguments[0]).is_file():
        sys.stderr.write(f"usage: python -m zenrepo.runner PLAN.json [{ATTACHED}]\n")
        return 2
    return run(arguments[0], attached=ATTACHED in arguments, before=time.monotonic() - _BEGAN)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # nothing is left to do, and tearing down gRPC's threads takes a second
