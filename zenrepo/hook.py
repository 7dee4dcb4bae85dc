"""What the git hooks run: ``python -m zenrepo.hook post-commit``. It never fails the command that it stands behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from zenrepo.errors import ZenrepoError
from zenrepo.flows.ingest import Ingested, ingest
from zenrepo.flows.lookup import caught_up
from zenrepo.git.locate import is_rebasing, worktree
from zenrepo.layout import Layout, projects
from zenrepo.runs.launch import start_worker

PROOF = "ZENREPO_HOOK_PROOF"
"""Names a file that a hook writes its name to, and does nothing else: how ``zenrepo hooks status`` proves it fires."""

DEBUG = "ZENREPO_DEBUG"
"""Set, an unexpected error of a hook is shown with its traceback."""


def main(argv: list[str]) -> int:
    """Run one hook.

    Args:
        argv: the hook's name and the arguments that git gave it.

    Returns:
        Always 0: git goes on, whatever happened here.
    """
    name = argv[0] if argv else ""
    proof = os.environ.get(PROOF)
    if proof:
        Path(proof).write_text(name, encoding="utf-8")
        return 0
    try:
        found = projects(*worktree(Path.cwd()))  # none on a branch without .zenml/
    except ZenrepoError:
        return 0
    for layout in found:
        _try(name, layout)
    return 0


def _try(name: str, layout: Layout) -> None:
    """React for one project; whatever goes wrong is said, and stops neither git nor the other projects."""
    try:
        _react(name, layout)
    except ZenrepoError as error:
        _say(f"{name} hook: {error}")
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _say(f"{name} hook: {error!r}\nhint: the next look-up catches up; {DEBUG}=1 shows the traceback")


def _react(name: str, layout: Layout) -> None:
    if name == "post-commit" and not is_rebasing(layout):
        ingested = ingest(layout)
        if ingested.runs:
            start_worker(layout)
        _tell(ingested)
    elif name in ("post-merge", "post-rewrite"):
        with caught_up(layout):
            pass


def _tell(ingested: Ingested) -> None:
    """Say in a line what is new and what was queued; say nothing where nothing is."""
    parts = []
    if ingested.versions:
        names = [row.type for row in ingested.versions]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        parts.append(f"new version of {', '.join(names[:3])}{more}")
    parts += [
        f"queued run {run.number} of '{run.pipeline}' ({run.reason}); zenrepo runs {run.number} --follow"
        for run in ingested.runs
    ]
    if parts:
        _say("; ".join(parts))
    for error in ingested.broken:
        _say(f"no run is queued: {error}")


def _say(text: str) -> None:
    sys.stderr.write(f"zenrepo: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
