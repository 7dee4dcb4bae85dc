"""What the git hooks run: ``python -m zenrepo.hook post-commit``. It never fails the command that it stands behind."""

from __future__ import annotations

import os
import sys

from zenrepo.errors import Locked, ZenrepoError
from zenrepo.flows.ingest import SKIPS, Ingested, ingest, ingest_merge
from zenrepo.flows.lookup import caught_up
from zenrepo.flows.postponed import postpone, postponed
from zenrepo.git import history
from zenrepo.git.locate import is_rebasing, place_of
from zenrepo.git.own_commit import note_squash
from zenrepo.git.refs import Refs, look
from zenrepo.layout import Layout, projects

PROOF = "ZENREPO_HOOK_PROOF"
"""Names a file that a hook writes its name to, and does nothing else: how ``zenrepo hooks status`` proves it fires."""

DEBUG = "ZENREPO_DEBUG"
"""Set, an unexpected error of a hook is shown with its traceback."""


PATIENCE = 1.0
"""Seconds that a hook waits for another process that writes the index: its user waits too."""


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
        with open(proof, "w", encoding="utf-8") as file:
            file.write(name)
        return 0
    try:
        place = place_of(".")
    except ZenrepoError:
        return 0
    for layout in projects(place.top, place.common) if place.top else ():  # none on a branch without .zenml/
        _try(name, layout, place.refs, squash=argv[1:] == ["1"])
    return 0


def _try(name: str, layout: Layout, refs: Refs | None, *, squash: bool) -> None:
    """React for one project; whatever goes wrong is said, and stops neither git nor the other projects."""
    try:
        if name == "post-commit" and not is_rebasing(layout):
            _take_in(layout, refs, merged=False)
        elif name == "post-merge" and not squash:
            _take_in(layout, refs, merged=True)
        elif name == "post-merge":
            note_squash(layout, (refs or look(layout.folder, layout.git_folder)).head or "")
        elif name == "post-rewrite":
            _catch_up(layout, refs)
    except ZenrepoError as error:
        _say(f"{name} hook: {error}")
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _say(f"{name} hook: {error!r}\nhint: the next look-up catches up; {DEBUG}=1 shows the traceback")


def _take_in(layout: Layout, refs: Refs | None, *, merged: bool) -> None:
    """Take in HEAD's commit, or leave it to the worker where another process writes the index."""
    try:
        ingested = (ingest_merge if merged else ingest)(layout, refs, PATIENCE)
    except Locked:
        head = (refs or look(layout.folder, layout.git_folder)).head or ""
        old = history.before_merge(layout.folder, head) if merged else ""
        if merged and not old:
            return
        postpone(layout, head, old)
        _say("another process writes the index; the worker will look at this commit after it")
    else:
        _tell(ingested)
        if not ingested.runs and not postponed(layout):
            return
    from zenrepo.runs.launch import start_worker  # noqa: PLC0415  (it costs a hook 10 ms, and few commits run one)

    start_worker(layout)


def _catch_up(layout: Layout, refs: Refs | None) -> None:
    try:
        with caught_up(layout, refs, PATIENCE):
            pass
    except Locked:  # the next look-up does it
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
    if ingested.skipped:
        skipped = ", ".join(f"'{name}'" for name in ingested.skipped)
        parts.append(f"no run of {skipped} is queued, because the message says {SKIPS[0]}")
    if parts:
        _say("; ".join(parts))
    for error in ingested.broken:
        _say(f"no run is queued: {error}")


def _say(text: str) -> None:
    sys.stderr.write(f"zenrepo: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
