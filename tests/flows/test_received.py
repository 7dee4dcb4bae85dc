"""What a push and a tag run: real pushes over a path, and real tags; no worker starts, as one seems to stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.answers.troubles import troubles
from zenrepo.flows.intake import hooks, trusted
from zenrepo.flows.intake.postponed import settle
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.runs.journal import Journal
from zenrepo.runs.processes.staying import stays

PIPELINE = """\
version: 1
name: {name}
kind: custom
trigger:
  {trigger}
steps:
  work:
    type: steps.work.Work
"""
STEP = "from zenrepo.steps import CustomStep\nclass Work(CustomStep):\n    value = {value}\n"
Say = Callable[..., str]


def pipeline(name: str, *trigger: str) -> dict[str, str | bytes | None]:
    """Give the file of a pipeline of the one step."""
    return {f".zenml/pipelines/{name}.yaml": PIPELINE.format(name=name, trigger="\n  ".join(trigger))}


@pytest.fixture
def own(repository: GitRepository) -> GitRepository:
    """A clone with a step, and pipelines that pushes and tags run."""
    repository.commit(
        {
            ".zenml/config.yaml": "version: 1\n",
            "steps/work.py": STEP.format(value=0),
            **pipeline("pushed", "on: [push]"),
            **pipeline("released", "on: [tag]", "tags: [v*]"),
        },
        "one",
    )
    return repository


@pytest.fixture
def server(own: GitRepository, tmp_path: Path) -> Iterator[GitRepository]:
    """A bare repository that trusts what it has, and where no worker starts."""
    bare = GitRepository(tmp_path / "server.git")
    own.git("clone", "--quiet", "--bare", ".", str(bare.path))
    own.git("remote", "add", "origin", str(bare.path))
    layout = locate(bare.path)
    hooks.install(layout)
    trusted.trust(layout)
    with stays(layout):
        yield bare


def runs(repository: GitRepository) -> list[tuple[str, str, str]]:
    """Give pipeline, commit and reason of each run, oldest first."""
    with Journal(locate(repository.path).runs_db) as journal:
        return [(run.pipeline, run.commit, run.reason) for run in reversed(journal.runs())]


def edit(own: GitRepository, value: int, message: str = "edit") -> str:
    """Commit another version of the step."""
    return own.commit({"steps/work.py": STEP.format(value=value)}, message)


def push(own: GitRepository, *arguments: str, **variables: str) -> str:
    """Push, and give what the other side said."""
    done = own.attempt("push", "--quiet", "origin", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stderr.splitlines())


def test_a_push_runs_what_it_affects_and_tells_the_pusher(own: GitRepository, server: GitRepository) -> None:
    """Several commits are one change; the run is that of the newest."""
    edit(own, 1)
    tip = edit(own, 2)
    said = push(own, "main")

    assert runs(server) == [("pushed", tip, "push to main: steps.work.Work changed")]
    assert said == (
        "remote: zenrepo: queued run 1 of 'pushed' (push to main: steps.work.Work changed); "
        f"zenrepo -C {server.path} runs 1 --follow"
    )


def test_a_push_that_affects_nothing_runs_nothing(own: GitRepository, server: GitRepository) -> None:
    """And says nothing."""
    own.commit({"README.md": "text"})

    assert push(own, "main") == ""
    assert runs(server) == []


def test_a_new_branch_is_a_change_from_where_it_left_the_main_one(own: GitRepository, server: GitRepository) -> None:
    """A branch without commits of its own is none."""
    own.git("branch", "same")
    own.git("checkout", "--quiet", "-b", "side")
    tip = edit(own, 1)
    own.git("checkout", "--quiet", "main")
    own.commit({"README.md": "text"})
    push(own, "main", "side", "same")

    assert runs(server) == [("pushed", tip, "push to side: steps.work.Work changed")]


def test_branches_that_are_pushed_to_one_commit_run_it_once(own: GitRepository, server: GitRepository) -> None:
    """Each other tip has a run of its own."""
    first = edit(own, 1)
    own.git("branch", "same")
    own.git("checkout", "--quiet", "-b", "other")
    second = edit(own, 2)
    push(own, "main", "same", "other")

    assert sorted(commit for _, commit, _ in runs(server)) == sorted([first, second])


def test_the_first_push_to_an_empty_repository_runs_all_that_ask_for_it(own: GitRepository, tmp_path: Path) -> None:
    """Everything in it is new, what an earlier commit brought too; nothing runs before it is trusted."""
    bare = GitRepository(tmp_path / "empty.git")
    bare.path.mkdir()
    bare.git("init", "--quiet", "--bare", "--initial-branch=main")
    layout = Layout(str(bare.path), str(bare.path))
    hooks.install(layout)
    own.commit({**pipeline("conf", "on: [push]", "paths: [conf/**]"), "conf/a.yaml": "1"}, "two")
    tip = own.commit({"README.md": "text"}, "three")
    own.git("remote", "add", "origin", str(bare.path))
    with stays(layout):
        said = push(own, "main")
        refused = runs(bare)
        trusted.trust(layout)
        bare.git("update-ref", "-d", "refs/heads/main")
        push(own, "main")

    assert "the triggers of 'pushed', 'conf' are not trusted on this machine; zenrepo trust" in said
    assert refused == []
    assert sorted(runs(bare)) == [
        ("conf", tip, "push to main: conf/a.yaml changed"),
        ("pushed", tip, "push to main: its file changed"),
    ]


def test_branch_globs_are_matched_with_the_branch_that_was_pushed(own: GitRepository, server: GitRepository) -> None:
    """HEAD of a server is always the same."""
    own.commit(pipeline("pushed", "on: [push]", "branches: [release/*]"), "globs")
    push(own, "main")
    trusted.trust(locate(server.path))
    own.git("checkout", "--quiet", "-b", "release/1")
    tip = edit(own, 1)
    push(own, "release/1")

    assert runs(server) == [("pushed", tip, "push to release/1: steps.work.Work changed")]


def test_a_trigger_that_a_push_brings_runs_nothing(own: GitRepository, server: GitRepository) -> None:
    """Only the server's own user trusts there, whoever made the commit."""
    own.commit({**pipeline("mine", "on: [push]"), "steps/work.py": STEP.format(value=1)}, "mine")
    said = push(own, "main")

    assert [name for name, _, _ in runs(server)] == ["pushed"]
    assert "remote: zenrepo: no run is queued: the trigger of 'mine' is not trusted on this machine" in said


def test_a_project_in_a_subfolder_is_said_not_to_run_on_a_server(own: GitRepository, server: GitRepository) -> None:
    """To the pusher when its pipelines come, and in the status; what is at the top runs all the same."""
    path = "teams/one/.zenml/pipelines/p.yaml"
    own.commit({path: PIPELINE.format(name="p", trigger="on: [push]"), "steps/work.py": STEP.format(value=1)})
    said = push(own, "main")
    edit(own, 2)
    later = push(own, "main")
    what = "a bare repository runs the pipelines at its top alone, and not those in 'teams/one'"

    assert f"remote: zenrepo: no run is queued: {what}\nremote: hint: push to a clone with a working tree" in said
    assert what not in later
    assert len(runs(server)) == 2
    assert [text for text in troubles(locate(server.path)) if text.startswith(what)]


def test_a_push_that_rewrites_a_branch_is_a_change(own: GitRepository, server: GitRepository) -> None:
    """From what was there to what is there; deleting a branch is none."""
    edit(own, 1)
    push(own, "main:side")
    own.git("commit", "--quiet", "--amend", "--message", "same files")
    push(own, "--force", "main:side")
    own.write("steps/work.py", STEP.format(value=2))
    own.git("commit", "--quiet", "--all", "--amend", "--message", "amended")
    push(own, "--force", "main:side")
    push(own, "--delete", "side")

    assert len(runs(server)) == 2
    assert runs(server)[1][1] == own.git("rev-parse", "HEAD")


def test_a_message_or_a_variable_keeps_a_push_from_running(own: GitRepository, server: GitRepository) -> None:
    """The message of the tip counts; the variable is that of the server's process."""
    edit(own, 1, "edit [skip zenrepo]")
    said = push(own, "main")
    edit(own, 2)
    silent = push(own, "main", ZENREPO_SKIP="1")

    assert "remote: zenrepo: no run of 'pushed' is queued, because the message says [skip zenrepo]" in said
    assert silent == ""
    assert runs(server) == []


def test_the_hook_before_reads_the_push_first(own: GitRepository, server: GitRepository) -> None:
    """It gets all lines, and so does zenrepo."""
    hook = server.path / "hooks" / "post-receive"
    hook.rename(server.path / "ours")
    hook.write_text(f"#!/bin/sh\ncat >{server.path}/seen\n")
    hook.chmod(0o755)
    hooks.install(locate(server.path))
    tip = edit(own, 1)
    push(own, "main")

    assert (server.path / "seen").read_text().endswith(f"{tip} refs/heads/main\n")
    assert len(runs(server)) == 1


def test_a_push_while_the_index_is_written_is_taken_in_later(
    own: GitRepository, server: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker does it, with the branch and the range of the push."""
    import sqlite3

    layout = locate(server.path)
    tip = edit(own, 1)
    database = sqlite3.connect(layout.index_db, isolation_level=None)
    database.execute("begin immediate")
    said = push(own, "main")
    database.close()
    [came] = settle(layout)

    assert "remote: zenrepo: another process writes the index" in said
    assert [(run.commit, run.reason) for run in came.runs] == [(tip, "push to main: steps.work.Work changed")]


def test_a_push_to_a_clone_with_a_working_tree_runs_there(own: GitRepository, tmp_path: Path) -> None:
    """With updateInstead the branch that is checked out can be pushed to; it is as if it had been pulled."""
    server = GitRepository(tmp_path / "clone")
    own.git("clone", "--quiet", ".", str(server.path))
    own.git("remote", "add", "origin", str(server.path))
    server.git("config", "receive.denyCurrentBranch", "updateInstead")
    layout = locate(server.path)
    hooks.install(layout)
    trusted.trust(layout)
    edit(own, 1)
    with stays(layout):
        said = push(own, "main")
        trusted.trust(layout, merges=True)
        tip = edit(own, 2)
        push(own, "main")

    assert "'pushed' would run what others wrote; zenrepo trust --merges allows it" in said
    assert runs(server) == [("pushed", tip, "push to main: steps.work.Work changed")]
    assert server.git("status", "--porcelain") == ""


def test_a_push_to_a_clone_with_a_working_tree_runs_projects_in_subfolders(own: GitRepository, tmp_path: Path) -> None:
    """Each that was made known there."""
    files = {**pipeline("p", "on: [push]"), ".zenml/config.yaml": "version: 1\n", "steps/work.py": STEP.format(value=0)}
    own.commit({f"teams/one/{name}": text for name, text in files.items()})
    server = GitRepository(tmp_path / "clone")
    own.git("clone", "--quiet", ".", str(server.path))
    own.git("remote", "add", "origin", str(server.path))
    server.git("config", "receive.denyCurrentBranch", "updateInstead")
    layout = locate(server.path / "teams/one")
    hooks.install(layout)
    trusted.trust(layout, merges=True)
    tip = own.commit({"teams/one/steps/work.py": STEP.format(value=1)})
    with stays(layout):
        push(own, "main")

    assert runs(GitRepository(server.path / "teams/one")) == [("p", tip, "push to main: steps.work.Work changed")]


def test_a_tag_that_is_pushed_runs_at_its_commit(own: GitRepository, server: GitRepository) -> None:
    """Affected or not, with or without a message of its own; globs choose the tags."""
    tip = own.git("rev-parse", "HEAD")
    own.git("tag", "v1")
    own.git("tag", "-a", "v2", "--message", "two")
    own.git("tag", "nightly")
    own.git("tag", "-a", "v3", "--message", "no run [skip zenrepo]")
    own.git("tag", "v-file", "HEAD:steps/work.py")
    said = push(own, "--tags")

    assert runs(server) == [("released", tip, "tag v1"), ("released", tip, "tag v2")]
    assert "remote: zenrepo: no run of 'released' is queued, because the message says [skip zenrepo]" in said


@pytest.fixture
def tagging(own: GitRepository) -> Iterator[GitRepository]:
    """A clone that trusts what it has, with the hooks that its pipelines ask for."""
    layout = locate(own.path)
    hooks.install(layout)
    trusted.trust(layout)
    with stays(layout):
        yield own


def test_a_tag_runs_at_its_commit(tagging: GitRepository) -> None:
    """The line says so; a tag that no glob matches runs nothing."""
    first = tagging.git("rev-parse", "HEAD")
    tagging.commit({"README.md": "text"})
    done = tagging.attempt("tag", "v1", first)
    tagging.git("tag", "other")

    assert runs(tagging) == [("released", first, "tag v1")]
    assert done.stderr == "zenrepo: queued run 1 of 'released' (tag v1); zenrepo runs 1 --follow\n"


def test_a_tag_that_moves_runs_again_and_one_that_goes_does_not(tagging: GitRepository) -> None:
    """From an alias and from git update-ref too."""
    first = tagging.git("rev-parse", "HEAD")
    second = tagging.commit({"README.md": "text"})
    tagging.git("-c", "alias.mark=tag", "mark", "v1", first)
    tagging.git("tag", "--force", "v1")
    tagging.git("tag", "--delete", "v1")
    tagging.git("update-ref", "refs/tags/v1", first)

    assert [(commit, why) for _, commit, why in runs(tagging)] == [(first, "tag v1"), (second, "tag v1")]


def test_tags_that_a_fetch_brings_run_nothing(tagging: GitRepository, tmp_path: Path) -> None:
    """Neither those of commits that are here, nor those of others, by fetch and by pull."""
    other = GitRepository(tmp_path / "other")
    tagging.git("clone", "--quiet", ".", str(other.path))
    other.git("tag", "v1")
    other.commit({"README.md": "text"})
    other.git("tag", "v2")
    tagging.git("remote", "add", "other", str(other.path))
    tagging.git("fetch", "--quiet", "--tags", "other")
    other.commit({"README.md": "more text"})
    other.git("tag", "v3")
    tagging.git("pull", "--quiet", "--tags", "--ff-only", "other", "main")

    assert tagging.git("tag").split() == ["v1", "v2", "v3"]
    assert runs(tagging) == []


def test_a_tag_on_no_branch_of_ones_own_runs_nothing(tagging: GitRepository, tmp_path: Path) -> None:
    """What a fetch brought is not run by naming it; the line says how to run it all the same."""
    other = GitRepository(tmp_path / "other")
    tagging.git("clone", "--quiet", ".", str(other.path))
    other.commit({"README.md": "text"})
    tagging.git("fetch", "--quiet", str(other.path), "main")
    done = tagging.attempt("tag", "v1", "FETCH_HEAD")

    assert runs(tagging) == []
    assert done.stderr == (
        "zenrepo: no run is queued: no branch here has the commit of tag 'v1'; zenrepo run released --at v1\n"
    )


def test_a_hook_of_ones_own_sees_every_state(tagging: GitRepository) -> None:
    """It can refuse a tag as before, and zenrepo runs nothing then."""
    hook = tagging.path / ".git/hooks/reference-transaction"
    hook.unlink()
    hook.write_text('#!/bin/sh\necho "$1" >>seen\ncat >/dev/null\n[ "$1" != prepared ] || [ ! -e refuse ]\n')
    hook.chmod(0o755)
    hooks.install(locate(tagging.path))
    tagging.write("refuse", "")
    refused = tagging.attempt("tag", "v1")
    before = runs(tagging)
    tagging.write("refuse", None)
    tagging.git("tag", "v1")

    assert refused.returncode != 0
    assert before == []
    assert (tagging.path / "seen").read_text().split() == ["prepared", "aborted", "prepared", "committed"]
    assert len(runs(tagging)) == 1


def test_the_hook_of_tags_is_there_where_a_pipeline_asks_for_it(repository: GitRepository) -> None:
    """A commit that brings such a pipeline puts it in; other repositories pay nothing."""
    repository.commit({".zenml/config.yaml": "version: 1\n", "steps/work.py": STEP.format(value=0)})
    layout = locate(repository.path)
    hooks.install(layout)
    before = {hook.name for hook in hooks.status(layout)}
    repository.commit(pipeline("released", "on: [manual]"))
    between = {hook.name for hook in hooks.status(layout)}
    repository.write(".zenml/pipelines/released.yaml", PIPELINE.format(name="released", trigger="on: [tag]"))
    done = repository.attempt("commit", "--all", "--quiet", "--message", "release")

    assert before == between == {"post-commit", "post-merge", "post-rewrite"}
    assert "zenrepo: put in the git hook reference-transaction, because a pipeline asks for it\n" in done.stderr
    assert all(hook.ready for hook in hooks.status(layout))
    assert hooks.prove(layout)


def test_hooks_that_no_pipeline_asks_for_any_more_are_taken_out(tagging: GitRepository) -> None:
    """As soon as no branch asks for them; what stood there before is put back, what others put in stays."""
    layout = locate(tagging.path)
    folder = tagging.path / ".git/hooks"
    before = folder / "reference-transaction.zenrepo-chained"
    before.write_text("#!/bin/sh\ncat >/dev/null\n")
    (folder / "pre-push").write_text("#!/bin/sh\n")
    tagging.git("branch", "old")
    tagging.commit({**pipeline("pushed", "on: [manual]"), **pipeline("released", "on: [manual]")})
    kept = hooks.install(layout)
    tagging.git("branch", "--delete", "--force", "old")
    said = hooks.install(layout)

    assert kept == []
    assert said == [
        "took out the git hook post-receive, because no pipeline asks for it any more",
        "took out the git hook reference-transaction, because no pipeline asks for it any more",
    ]
    assert (folder / "reference-transaction").read_text() == "#!/bin/sh\ncat >/dev/null\n"
    assert (folder / "pre-push").exists()
    assert {hook.name for hook in hooks.status(layout)} == {"post-commit", "post-merge", "post-rewrite"}
    assert hooks.install(layout) == []
