"""What the git hooks run: ``python -m zenrepo.hook post-commit``. It never fails the command that it stands behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Set

from zenrepo.errors import Damaged, Locked, NotARepository, Unwritable, ZenrepoError, unwritable
from zenrepo.flows.intake.ingest import PUSH, SKIPS, TAG, Ingested, ingest, ingest_merge
from zenrepo.flows.intake.postponed import forget, postpone, postpone_update, postponed, settle_earlier
from zenrepo.flows.intake.received import ingest_received, ingest_tags, read_updates
from zenrepo.flows.intake.seen import note_seen
from zenrepo.flows.lookup import caught_up
from zenrepo.git import history
from zenrepo.git.command import clean_environment
from zenrepo.git.locate import Place, is_rebasing, place_of
from zenrepo.git.own_commit import note_squash
from zenrepo.git.refs import Refs, look
from zenrepo.layout import Layout, projects

PROOF = "ZENREPO_HOOK_PROOF"
"""Names a file that a hook writes its name to, and does nothing else: how ``zenrepo hooks status`` proves it fires."""

DEBUG = "ZENREPO_DEBUG"
"""Set, an unexpected error of a hook is shown with its traceback."""

RECEIVED, CHANGED = "post-receive", "reference-transaction"

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
        place = _place(name)
    except ZenrepoError:
        return 0
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _say(f"{name} hook: {error!r}")
        return 0
    text = os.fsdecode(sys.stdin.buffer.read()) if name in (RECEIVED, CHANGED) else ""
    for layout in _layouts(place):
        _try(name, layout, place.refs, text, squash=argv[1:] == ["1"])
    return 0


def _place(name: str) -> Place:
    """Find the repository; a push leaves its hook in the git folder, and one to a clone with a working tree too."""
    try:
        return place_of(".")
    except NotARepository:
        if name != RECEIVED:
            raise
        place = place_of("..")
        if os.path.realpath(place.common) != os.path.realpath("."):
            raise
        return place


def _layouts(place: Place) -> list[Layout]:
    """Give the projects of a clone: none on a branch without ``.zenml/``; a bare one has the one on top."""
    if place.top:
        return projects(place.top, place.common)
    bare = Layout(place.common, place.common)
    return [bare] if os.path.isdir(bare.own()) else []


def _try(name: str, layout: Layout, refs: Refs | None, text: str, *, squash: bool) -> None:
    """React for one project; whatever goes wrong is said, and stops neither git nor the other projects."""
    try:
        if name in (RECEIVED, CHANGED):
            _receive(name, layout, text)
        elif name == "post-commit" and not is_rebasing(layout):
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
        if isinstance(error, OSError) and (known := unwritable(error, layout.own())):
            return _say(f"{name} hook: {known}")
        _say(f"{name} hook: {error!r}\nhint: the next look-up catches up; {DEBUG}=1 shows the traceback")


def _take_in(layout: Layout, refs: Refs | None, *, merged: bool) -> None:
    """Take in HEAD's commit, or leave it to the worker where another process writes the index."""
    head = (refs or look(layout.folder, layout.git_folder)).head or ""
    old = history.before_merge(layout.folder, head) if merged else ""
    if merged and not old:
        _catch_up(layout, refs)
        return
    note = postpone(layout, head, old)  # should this process be killed, the worker finds it
    try:
        earlier = _settle_earlier(layout, note)
        ingested = (ingest_merge if merged else ingest)(layout, refs, PATIENCE)
    except Locked:
        _say("another process writes the index; the worker will look at this commit after it")
        _start_worker(layout)
    except (Damaged, Unwritable):
        raise  # and the worker looks at the commit when all is well again
    except Exception as error:
        if not (isinstance(error, OSError) and unwritable(error)):
            forget(note)
        raise
    else:
        _tell(ingested)
        if ingested.asked & {PUSH, TAG}:
            _put_in_hooks(layout, ingested.asked)
        if ingested.runs or earlier or postponed(layout) != [note]:
            _start_worker(layout)
        forget(note)
    note_seen(layout, head)


def _start_worker(layout: Layout) -> None:
    from zenrepo.runs.processes.worker_start import start_worker  # noqa: PLC0415  (it costs a hook 10 ms, and few commits run one)

    start_worker(layout)


def _receive(name: str, layout: Layout, text: str) -> None:
    """Take in a push, or tags that the user made; what a fetch brought is somebody else's, and runs nothing."""
    updates = read_updates(text)
    if name == CHANGED and not _is_by_hand(layout):
        return
    try:
        earlier = _settle_earlier(layout)
        done = (ingest_received if name == RECEIVED else ingest_tags)(layout, updates, PATIENCE)
    except Locked:
        for update in updates:
            postpone_update(layout, update, PUSH if name == RECEIVED else TAG)
        _say("another process writes the index; the worker will look at this after it")
    else:
        for ingested in done:
            _tell(ingested, layout if name == RECEIVED else None)
        if not (earlier or any(ingested.runs for ingested in done) or postponed(layout)):
            return
    _start_worker(layout)


def _is_by_hand(layout: Layout) -> bool:
    """Say whether the user changed tags of this very repository, and no fetch did."""
    from zenrepo.git.parent import git_command  # noqa: PLC0415  (likewise)

    folder = os.environ.get("GIT_DIR")
    own = folder is None or f"{os.path.realpath(folder)}/".startswith(f"{os.path.realpath(layout.git_folder)}/")
    return own and git_command() in ("tag", "update-ref")


def _put_in_hooks(layout: Layout, events: Set[str]) -> None:
    """Put in the hooks that pipelines of the newest commit ask for, if nobody did yet."""
    from zenrepo.git import hooks  # noqa: PLC0415  (few commits change a pipeline file that asks for more)

    missing = [hook.name for hook in hooks.status(layout, events) if not hook.installed]
    if not missing:
        return
    import subprocess  # noqa: PLC0415  (likewise)

    command = [sys.executable, "-m", "zenrepo.cli", "-C", layout.folder, "hooks", "install"]
    null = subprocess.DEVNULL
    # not in the working tree: Python would look for modules there first, and they may be a stranger's
    subprocess.run(command, cwd="/", env=clean_environment(), stdin=null, stdout=null, check=False)
    now = {hook.name for hook in hooks.status(layout, events) if hook.installed}.intersection(missing)
    if now:
        _say(f"put in the git hook {', '.join(sorted(now))}, because a pipeline asks for it")


def _catch_up(layout: Layout, refs: Refs | None) -> None:
    try:
        with caught_up(layout, refs, PATIENCE):
            pass
    except Locked:  # the next look-up does it
        pass


def _tell(ingested: Ingested, server: Layout | None = None) -> None:
    """Say in a line what is new and what was queued; say nothing where nothing is.

    Args:
        ingested: of which.
        server: where the runs are, if whoever reads this is elsewhere.
    """
    parts = []
    there = f" -C {server.folder}" if server else ""
    if ingested.versions:
        names = [row.type for row in ingested.versions]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        parts.append(f"new version of {', '.join(names[:3])}{more}")
    parts += [
        f"queued run {run.number} of '{run.pipeline}' ({run.reason}); zenrepo{there} runs {run.number} --follow"
        for run in ingested.runs
    ]
    if ingested.skipped:
        skipped = ", ".join(f"'{name}'" for name in ingested.skipped)
        parts.append(f"no run of {skipped} is queued, because the message says {SKIPS[0]}")
    if parts:
        _say("; ".join(parts))
    for error in ingested.broken:
        _say(f"no run is queued: {error}")


def _settle_earlier(layout: Layout, note: str = "") -> bool:
    """Take in earlier commits, which their own hooks had to leave to somebody else; say whether there are any."""
    done = settle_earlier(layout, note, PATIENCE)
    for came in done:
        for run in came.runs:
            _say(f"earlier commit {came.commit[:7]}: queued run {run.number} of '{run.pipeline}' ({run.reason})")
        for error in came.broken:
            _say(f"earlier commit {came.commit[:7]}: no run is queued: {error}")
    return bool(done)


def _say(text: str) -> None:
    sys.stderr.write(f"zenrepo: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
