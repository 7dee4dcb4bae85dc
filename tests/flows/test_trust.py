"""A trigger runs nothing until its user trusted it, and what others wrote is never trusted by itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import GitRepository
from zenrepo.flows.answers.impact import impact
from zenrepo.flows.init import make_repository
from zenrepo.flows.intake import trusted
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.intake.postponed import postpone, settle
from zenrepo.flows.intake.schedule import queue_due, scheduled
from zenrepo.git import history, hooks
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import CANCELED, Journal

P, Q, STEP = ".zenml/pipelines/p.yaml", ".zenml/pipelines/q.yaml", "steps/own.py"
DAY = 86_400.0
NOT_TRUSTED = "zenrepo: no run is queued: the trigger of '{}' is not trusted on this machine; zenrepo trust\n"


def pipeline(trigger: str = "on: [commit]", name: str = "p") -> str:
    """Write a pipeline file with a trigger."""
    return f"version: 1\nname: {name}\nkind: custom\ntrigger: {{{trigger}}}\nsteps:\n  first: {{type: steps.own.Own}}\n"


def step(value: int) -> str:
    """Write the step of all pipelines; each value is a version of its own."""
    return f"from zenrepo.steps import DataStep\nclass Own(DataStep):\n    value = {value}\n"


def at_work(repository: GitRepository) -> Layout:
    """Put the hooks in."""
    layout = locate(repository.path)
    layout.private.mkdir(parents=True, exist_ok=True)
    hooks.install(layout, sys.executable)
    return layout


@pytest.fixture
def mine(repository: GitRepository) -> Iterator[GitRepository]:
    """A repository of the user's own with a pipeline, and no worker that would take what is queued."""
    make_repository(repository.path, hooks=False)
    repository.git("add", "--all")
    repository.commit({P: pipeline(), STEP: step(0)}, "begin")
    repository.trust()
    with FileLock(at_work(repository).worker_lock):
        yield repository


@pytest.fixture
def stranger(mine: GitRepository, make_repository: Callable[[str], GitRepository]) -> GitRepository:
    """A clone in which somebody else works, on a branch of the same name, without any hooks."""
    clone = make_repository("stranger")
    clone.git("remote", "add", "origin", str(mine.path))
    clone.git("pull", "--quiet", "origin", "main")
    mine.git("remote", "add", "stranger", str(clone.path))
    return clone


@pytest.fixture
def clone(stranger: GitRepository) -> Iterator[GitRepository]:
    """The stranger's clone, as that of a user who only put the hooks in."""
    with FileLock(at_work(stranger).worker_lock):
        yield stranger


def queued(repository: GitRepository) -> list[str]:
    """Give the pipeline and the commit's subject of each run, oldest first."""
    with Journal(locate(repository.path).runs_db) as journal:
        runs = sorted(journal.runs(), key=lambda run: run.number)
    subjects = history.subjects(repository.path, [run.commit for run in runs])
    return [f"{run.pipeline} {subjects[run.commit]}" for run in runs]


def commit(repository: GitRepository, files: dict[str, str], message: str = "mine") -> str:
    """Commit as a user does, and give what the hook said."""
    for name, text in files.items():
        repository.write(name, text)
    repository.git("add", "--all")
    done = repository.attempt("commit", "--quiet", "--message", message)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_in_a_repository_of_ones_own_a_commit_runs_what_it_asks_for(repository: GitRepository) -> None:
    """From the first one: an edit of the trigger and a new pipeline are the user's own as well, and nobody is asked."""
    make_repository(repository.path, hooks=False)
    with FileLock(at_work(repository).worker_lock):
        commit(repository, {P: pipeline(), STEP: step(0)}, "first")
        commit(repository, {P: pipeline("on: [commit], branches: [main, topic]")}, "edit")
        commit(repository, {Q: pipeline(name="q")}, "new")
        repository.git("checkout", "--quiet", "-b", "topic", "HEAD~2")
        commit(repository, {STEP: step(1)}, "older")

    assert queued(repository) == ["p first", "p edit", "q new", "p older"]


def test_in_a_clone_nothing_runs_until_it_is_trusted(clone: GitRepository) -> None:
    """One line says which pipeline would have run, and the way out."""
    said = commit(clone, {STEP: step(1)}, "before")
    clone.trust()
    commit(clone, {STEP: step(2)}, "after")

    assert said == "zenrepo: new version of steps.own.Own\n" + NOT_TRUSTED.format("p")
    assert queued(clone) == ["p after"]


def test_an_edit_of_ones_own_does_not_trust_a_clone(clone: GitRepository) -> None:
    """Nobody trusted anything before it."""
    said = commit(clone, {P: pipeline("on: [commit], branches: [main]"), Q: pipeline(name="q")})

    assert "the triggers of 'p', 'q' are not trusted" in said
    assert queued(clone) == []


COMINGS = {
    "pull": ["pull --quiet stranger main"],
    "merge": ["fetch --quiet stranger", "merge --quiet --no-ff -m merge stranger/main"],
    "squash": ["fetch --quiet stranger", "merge --quiet --squash stranger/main", "commit --quiet -m squashed"],
    "checkout": ["fetch --quiet stranger", "checkout --quiet -b theirs stranger/main"],
    "amend": ["fetch --quiet stranger", "checkout --quiet -b theirs stranger/main", "commit --quiet --amend -m mine"],
    "cherry-pick": ["fetch --quiet stranger", "cherry-pick stranger/main"],
    "rebase": ["fetch --quiet stranger", "rebase --quiet stranger/main"],
    "reset": ["fetch --quiet stranger", "reset --quiet --hard stranger/main"],
    "squash in two": [
        "fetch --quiet stranger",
        "merge --quiet --squash stranger/main",
        "commit --quiet -m docs -- docs.md",
        "commit --quiet -m rest",
    ],
    "squash without hooks": [
        "fetch --quiet stranger",
        "-c core.hooksPath=/dev/null merge --quiet --squash stranger/main",
        "commit --quiet -m squashed",
    ],
    "detached": [
        "fetch --quiet stranger",
        "checkout --quiet --detach",
        "-c core.hooksPath=/dev/null merge --quiet --squash stranger/main",
        "commit --quiet -m squashed",
    ],
    "files": ["fetch --quiet stranger", "checkout --quiet stranger/main -- .", "commit --quiet -m files"],
    "soft reset": [
        "fetch --quiet stranger",
        "checkout --quiet -b theirs stranger/main",
        "reset --quiet --soft main",
        "commit --quiet -m own",
    ],
    "orphan": ["fetch --quiet stranger", "checkout --quiet --orphan new stranger/main", "commit --quiet -m new"],
}


@pytest.mark.parametrize("coming", COMINGS)
def test_a_trigger_that_came_from_elsewhere_is_asked_about(
    mine: GitRepository, stranger: GitRepository, coming: str
) -> None:
    """However it came: neither its coming nor a commit on top of it runs what it says."""
    stranger.commit({P: pipeline("on: [commit, merge]"), STEP: step(1), "docs.md": "theirs"}, "theirs")
    for command in COMINGS[coming]:
        mine.git(*command.split())
    said = commit(mine, {STEP: step(2)}, "on top")

    assert said.endswith(NOT_TRUSTED.format("p"))
    assert queued(mine) == []


def test_what_came_with_a_trusted_trigger_is_not_asked_about(mine: GitRepository, stranger: GitRepository) -> None:
    """It is the trigger that is trusted; a pull runs nothing, and the user's own commit runs what it says."""
    stranger.commit({"lib/other.py": "X = 1\n"}, "theirs")
    mine.git("pull", "--quiet", "stranger", "main")
    commit(mine, {STEP: step(2)}, "on top")

    assert queued(mine) == ["p on top"]


def test_a_strangers_pipeline_keeps_no_other_from_running(mine: GitRepository, stranger: GitRepository) -> None:
    """Those that were trusted run on; a new one of the user's own waits until all that is there was asked about."""
    stranger.commit({Q: pipeline(name="q")}, "theirs")
    mine.git("pull", "--quiet", "stranger", "main")
    first = commit(mine, {STEP: step(1)}, "first")
    second = commit(mine, {".zenml/pipelines/r.yaml": pipeline(name="r")}, "second")

    assert queued(mine) == ["p first"]
    assert first.endswith(NOT_TRUSTED.format("q"))
    assert second == NOT_TRUSTED.format("r")


def test_an_own_commit_that_is_amended_stays_ones_own(mine: GitRepository) -> None:
    """The trigger that the first attempt wrote was trusted."""
    commit(mine, {P: pipeline("on: [commit], branches: [main]")}, "one")
    mine.write(P, pipeline("on: [commit], branches: [main, topic]"))
    mine.git("commit", "--quiet", "--all", "--amend", "--message", "two")

    assert queued(mine)[-1] == "p two"


def test_without_gits_log_of_head_nobody_can_tell_whose_a_trigger_is(mine: GitRepository) -> None:
    """So it is asked about."""
    mine.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(mine.path / ".git/logs")
    said = commit(mine, {P: pipeline("on: [commit], branches: [main]")})

    assert said == NOT_TRUSTED.format("p")


def test_what_only_runs_by_hand_needs_no_trust(clone: GitRepository) -> None:
    """Until its trigger says more."""
    commit(clone, {P: pipeline("on: [manual]")})

    assert trusted.look(locate(clone.path)).triggers == []
    assert commit(clone, {P: pipeline("on: [commit]")}) == NOT_TRUSTED.format("p")


def test_a_commit_that_the_worker_takes_in_is_judged_by_how_it_was_made(mine: GitRepository) -> None:
    """Though HEAD moved on since."""
    no_hooks = ("-c", "core.hooksPath=/dev/null")
    mine.write(P, pipeline("on: [commit], branches: [main]"))
    mine.git(*no_hooks, "commit", "--quiet", "--all", "--message", "later")
    postpone(locate(mine.path), mine.git("rev-parse", "HEAD"))
    mine.git(*no_hooks, "checkout", "--quiet", "-b", "topic")
    mine.git(*no_hooks, "commit", "--quiet", "--allow-empty", "--message", "on top")
    settle(locate(mine.path))

    assert queued(mine) == ["p later"]


def test_merges_need_a_consent_of_their_own(mine: GitRepository, stranger: GitRepository) -> None:
    """What others wrote runs only where the user said so, and one line says what did not."""
    commit(mine, {P: pipeline("on: [commit, merge]")}, "asks")
    stranger.git("pull", "--quiet", "origin", "main")
    stranger.commit({STEP: step(1)}, "one")
    said = mine.attempt("pull", "--quiet", "stranger", "main").stderr
    mine.trust(merges=True)
    stranger.commit({STEP: step(2)}, "two")
    mine.git("pull", "--quiet", "stranger", "main")

    assert said == "zenrepo: no run is queued: 'p' would run what others wrote; zenrepo trust --merges allows it\n"
    assert queued(mine) == ["p asks", "p two"]


def test_a_cherry_pick_runs_what_others_wrote_only_with_that_consent(
    mine: GitRepository, stranger: GitRepository
) -> None:
    """The trigger is trusted, but whose code it would run is not asked by it; to revert it is the user's own doing."""
    stranger.commit({STEP: step(1)}, "one")
    stranger.commit({STEP: step(2)}, "two")
    mine.git("fetch", "--quiet", "stranger")
    said = mine.attempt("cherry-pick", "stranger/main~").stderr
    mine.git("revert", "--no-edit", "HEAD")
    mine.git("reset", "--quiet", "--hard", "HEAD~")
    mine.trust(merges=True)
    mine.git("cherry-pick", "stranger/main")

    assert "'p' would run what others wrote; zenrepo trust --merges allows it" in said
    assert queued(mine) == ['p Revert "one"', "p two"]


def test_a_tag_that_is_pushed_needs_that_consent(mine: GitRepository, stranger: GitRepository) -> None:
    """As a branch does: one of the user's own does not."""
    commit(mine, {P: pipeline("on: [push, tag]")})
    mine.git("tag", "own")
    stranger.git("pull", "--quiet", "origin", "main")
    stranger.commit({STEP: step(1)}, "theirs")
    stranger.git("tag", "theirs")
    said = stranger.attempt("push", "--quiet", "origin", "theirs").stderr

    assert "'p' would run what others wrote; zenrepo trust --merges allows it" in said
    assert queued(mine) == ["p mine"]


def test_a_push_beside_a_linked_worktree_needs_that_consent(mine: GitRepository, tmp_path: Path) -> None:
    """A commit in the worktree trusts its trigger, but not what others push to the bare repository."""
    bare, linked = GitRepository(tmp_path / "bare.git"), GitRepository(tmp_path / "linked")
    mine.git("clone", "--quiet", "--bare", ".", str(bare.path))
    bare.git("worktree", "add", "--quiet", str(linked.path), "main")
    linked.trust()
    with FileLock(at_work(linked).worker_lock):
        linked.git("config", "user.name", "me")
        linked.git("config", "user.email", "me@here")
        commit(linked, {P: pipeline("on: [push]")})
        mine.git("pull", "--quiet", str(bare.path), "main")
        mine.commit({STEP: step(1)}, "theirs")
        said = mine.attempt("push", "--quiet", str(bare.path), "main:feature").stderr

        assert "'p' would run what others wrote" in said
        assert queued(linked) == []


def test_a_set_time_goes_on_when_git_has_forgotten_how_its_commit_was_made(mine: GitRepository) -> None:
    """Git's log is kept for 90 days."""
    layout = locate(mine.path)
    mine.commit({P: pipeline("on: [schedule], schedule: 0 3 * * *")})
    queue_due(layout, scheduled(layout), DAY)
    [first] = queue_due(layout, scheduled(layout), 2 * DAY)
    with Journal(layout.runs_db) as journal:
        journal.end(first.runs[0].number, CANCELED)
    mine.git("reflog", "expire", "--expire=now", "--all")
    [second] = queue_due(layout, scheduled(layout), 100 * DAY)

    assert second.runs


@pytest.mark.parametrize("event", ["tag", "push"])
def test_no_hook_imports_what_stands_in_the_working_tree(
    clone: GitRepository, mine: GitRepository, event: str, tmp_path: Path
) -> None:
    """Not even where a pull brings a pipeline that asks for another hook."""
    canary = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    mine.commit({P: pipeline(f"on: [{event}]"), "typer.py": canary, "zenrepo/__init__.py": canary, "json.py": canary})
    clone.git("pull", "--quiet", "origin", "main")
    commit(clone, {STEP: step(3)})

    assert not (tmp_path / "ran").exists()


def test_a_commit_of_ones_own_gives_merges_nothing(mine: GitRepository) -> None:
    """Nor does a trigger that is trusted anew."""
    commit(mine, {P: pipeline("on: [commit, merge]")})
    mine.trust()

    assert not trusted.look(locate(mine.path)).merges


def test_a_set_time_runs_what_others_wrote_only_with_that_consent(mine: GitRepository, stranger: GitRepository) -> None:
    """A pull would run it else, a night later."""
    layout = locate(mine.path)
    mine.commit({P: pipeline("on: [schedule], schedule: 0 3 * * *")})
    queue_due(layout, scheduled(layout), DAY)
    [own] = queue_due(layout, scheduled(layout), 2 * DAY)
    with Journal(layout.runs_db) as journal:
        journal.end(own.runs[0].number, CANCELED)
    stranger.git("pull", "--quiet", "origin", "main")
    stranger.commit({STEP: step(1)}, "theirs")
    mine.git("pull", "--quiet", "stranger", "main")
    [refused] = queue_due(layout, scheduled(layout), 3 * DAY)
    mine.trust(merges=True)
    [theirs] = queue_due(layout, scheduled(layout), 4 * DAY)

    assert own.runs
    assert [str(error) for error in refused.broken] == [
        "'p' would run what others wrote; zenrepo trust --merges allows it"
    ]
    assert theirs.runs


def test_impact_says_where_trust_is_what_is_missing(mine: GitRepository, stranger: GitRepository) -> None:
    """Of a commit that came; what is uncommitted would be the user's own."""
    stranger.commit({P: pipeline("on: [commit, merge]")}, "theirs")
    mine.write(P, pipeline("on: [commit], paths: [.zenml/**]"))
    [own] = impact(locate(mine.path)).pipelines
    mine.git("checkout", "--quiet", "--", ".")
    mine.git("pull", "--quiet", "stranger", "main")
    [theirs] = impact(locate(mine.path)).pipelines

    assert own.runs
    assert not theirs.runs
    assert theirs.reason == "its file changed, but its trigger is not trusted on this machine (zenrepo trust)"


def test_a_linked_worktree_is_trusted_as_its_clone_is(mine: GitRepository) -> None:
    """It has the same git folder."""
    linked = GitRepository(mine.path.parent / "linked")
    mine.git("worktree", "add", "--quiet", str(linked.path))
    linked.commit({STEP: step(1)}, "linked")

    assert queued(mine) == ["p linked"]


def test_a_project_in_a_folder_is_trusted_by_itself(mine: GitRepository) -> None:
    """It has triggers of its own."""
    (mine.path / "team").mkdir()
    team = make_repository(mine.path / "team", hooks=False, here=True, trust=False).layout
    mine.commit({f"team/{P}": pipeline(), f"team/{STEP}": step(0)})
    ingested = ingest(team)

    assert ingested.runs == []
    assert "'p' is not trusted" in str(ingested.broken[0])
