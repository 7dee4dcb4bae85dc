"""What is uncommitted runs as a commit that no branch has; it is seen, compared, promoted and dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.flows.recorded_runs import STEP, Recorded
from zenrepo import user_config
from zenrepo.errors import DirtyTreeRefused, GitError, UnknownName, UsageError
from zenrepo.flows.answers import changes
from zenrepo.flows.answers.why import why
from zenrepo.flows.execution.resume import resume
from zenrepo.flows.execution.start import start
from zenrepo.flows.lookup import steps_at, versions
from zenrepo.flows.planning import captured
from zenrepo.flows.planning.capture import Chosen, choose, left_out, project
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.captured import REFS, keep
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.repo import Repository
from zenrepo.runs.journal import CANCELED, COMPLETE, FAILED, Journal, Run
from zenrepo.runs.options import Options
from zenrepo.runs.plan import PlannedStep
from zenrepo.runs.watching.follow import follow

CANNOT = """\
version: 1
name: cannot
kind: custom
trigger: {on: [manual]}
steps:
  first: {type: steps.gone.First}
"""
"""A pipeline whose run fails before anything is executed."""


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A repository with a pipeline of own steps, all of it committed."""
    return Recorded(repository, tmp_path / "store")


@pytest.fixture
def layout(recorded: Recorded) -> Layout:
    """Where it keeps things."""
    return locate(recorded.git.path)


def capture(layout: Layout) -> str:
    """Capture what is uncommitted, and keep it, as a run does."""
    chosen = choose(layout)
    assert chosen.captured
    keep(layout.common, project(layout), chosen.commit)
    return chosen.commit


def queued(layout: Layout, commit: str) -> Run:
    """Queue a run of a captured tree that nobody executes."""
    layout.private.mkdir(parents=True, exist_ok=True)
    with Journal(layout.runs_db) as journal:
        return journal.add("p", commit, layout.root, "asked for", options=Options(captured=True))


def ended(layout: Layout, commit: str, state: str = COMPLETE) -> Run:
    """Write down a run of a captured tree that has ended."""
    run = queued(layout, commit)
    with Journal(layout.runs_db) as journal:
        journal.end(run.number, state)
        return journal.run(run.number)


def trainer(layout: Layout, chosen: Chosen) -> PlannedStep:
    """Plan a run, and give the trainer in it."""
    plan = resolve(layout, queued(layout, chosen.commit), check_out=False)
    return next(step for step in plan.steps if step.name == "trainer")


def settings(layout: Layout, text: str) -> None:
    """Write the repository's settings, and commit them."""
    GitRepository(layout.root).commit({".zenml/config.yaml": f"version: 1\n{text}\n"})


def is_kept(recorded: Recorded, commit: str) -> bool:
    """Say whether a ref holds a captured tree."""
    return recorded.git.attempt("rev-parse", "--verify", "--quiet", REFS + commit).returncode == 0


class TestWhatRuns:
    """A run is one of what the user sees."""

    def test_where_nothing_is_changed_it_is_head(self, recorded: Recorded, layout: Layout) -> None:
        """Nothing is captured; a file that was written again with the same lines is no change."""
        recorded.git.write("lib/shape.py", "def width(): return 1\n")

        assert choose(layout) == Chosen(recorded.git.git("rev-parse", "HEAD"))

    def test_a_run_says_that_it_was_captured(self, recorded: Recorded, layout: Layout) -> None:
        """It is one that a user asked for, of a commit on top of HEAD whose files are those that one sees."""
        recorded.git.write(".zenml/pipelines/cannot.yaml", CANNOT)
        head = recorded.git.git("rev-parse", "HEAD")

        run = start(layout, "cannot", choose(layout))

        assert (run.state, run.reason, run.options) == (FAILED, "asked for", Options(captured=True))
        assert recorded.git.git("rev-parse", f"{run.commit}^") == head
        assert is_kept(recorded, run.commit)
        assert recorded.git.git("branch", "--all", "--contains", run.commit) == ""

    def test_the_same_is_captured_once(self, recorded: Recorded, layout: Layout) -> None:
        """As long as HEAD is the same; an edit that was undone is what it was before."""
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        first = capture(layout)
        recorded.git.write("lib/shape.py", "def width(): return 3\n")
        other = capture(layout)
        recorded.git.write("lib/shape.py", "def width(): return 2\n")

        assert choose(layout) == Chosen(first, captured=True)
        assert other != first
        recorded.git.git("stash", "--quiet")
        recorded.git.commit({"README.md": "more\n"})
        recorded.git.git("stash", "pop", "--quiet")
        assert choose(layout).commit not in (first, other)

    def test_a_way_is_for_the_working_tree_alone(self, recorded: Recorded, layout: Layout) -> None:
        """A commit that is named has no uncommitted changes, and asking for both is a mistake."""
        recorded.git.write("README.md", "edited\n")
        head = recorded.git.git("rev-parse", "HEAD")

        assert choose(layout, "HEAD") == choose(layout, dirty="ignore") == Chosen(head)
        with pytest.raises(DirtyTreeRefused, match=r"differs from it: README.md\nhint: commit them, .*--dirty=capture"):
            choose(layout, dirty="refuse")
        with pytest.raises(UsageError, match="commit 'HEAD' has no uncommitted changes to capture"):
            choose(layout, "HEAD", "capture")
        with pytest.raises(UnknownName, match="did you mean 'ignore'"):
            choose(layout, dirty="ignored")

    def test_one_runs_again_by_its_id(self, recorded: Recorded, layout: Layout) -> None:
        """Whatever the working tree has become."""
        recorded.git.write("README.md", "edited\n")
        commit = capture(layout)
        recorded.git.git("checkout", "--quiet", ".")

        assert choose(layout, commit[:10]) == Chosen(commit, captured=True)

    def test_a_users_own_settings_say_what_is_done(self, recorded: Recorded, layout: Layout) -> None:
        """Unless the command line does."""
        user_config.path().parent.mkdir(parents=True)
        user_config.path().write_text("dirty: refuse\n")
        recorded.git.write("README.md", "edited\n")

        with pytest.raises(DirtyTreeRefused):
            choose(layout)
        assert choose(layout, dirty="capture").captured

    def test_before_the_first_commit_there_is_something_to_run(self, repository: GitRepository) -> None:
        """It stands on nothing, and promoted it is a first commit."""
        layout = Repository.init_repo(repository.path, hooks=False).layout
        repository.write(".zenml/pipelines/cannot.yaml", CANNOT)

        run = start(layout, "cannot", choose(layout))
        made = captured.promote(layout, str(run.number), "begun")

        assert "steps.gone.First" in run.message
        assert ".zenml/pipelines/cannot.yaml" in captured.held(layout, "1").files
        assert "+name: cannot" in captured.difference(layout, "1")
        assert repository.git("log", "--format=%P%s", made) == "What was uncommitted on main"

    def test_a_repository_without_a_working_tree_has_nothing_uncommitted(
        self, recorded: Recorded, tmp_path: Path
    ) -> None:
        """What runs there is HEAD."""
        recorded.git.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
        layout = locate(tmp_path / "bare")

        assert choose(layout) == Chosen(recorded.git.git("rev-parse", "HEAD"))

    def test_an_unknown_pipeline_leaves_nothing_behind(self, recorded: Recorded, layout: Layout) -> None:
        """The working tree is named as the place where it is not."""
        recorded.git.write("README.md", "edited\n")

        with pytest.raises(UnknownName, match="unknown pipeline 'nothing'\nhint: the working tree holds no"):
            start(layout, "nothing", choose(layout))
        assert captured.listing(layout) == []


class TestWhatIsRefused:
    """What would not be what one sees, or costs too much, is said before anything is written."""

    def test_conflicts(self, recorded: Recorded, layout: Layout) -> None:
        """A file with marks in it is nothing to run."""
        git = recorded.git
        git.git("checkout", "--quiet", "-b", "other")
        recorded.edit("README.md", "", "theirs")
        git.git("checkout", "--quiet", "main")
        recorded.edit("README.md", "", "ours")
        git.attempt("merge", "other")

        with pytest.raises(DirtyTreeRefused, match=r"there are conflicts in README.md\nhint: solve and 'git add'"):
            choose(layout)

    def test_large_files(self, recorded: Recorded, layout: Layout) -> None:
        """The largest are named, and so is what can be done; what git ignores does not count."""
        settings(layout, "captured: {largest_mb: 1}")
        for name, size in (("data/raw.bin", 900_000), ("data/more.bin", 200_000), ("ignored.bin", 5_000_000)):
            recorded.git.write(name, bytes(size))
        recorded.git.write(".git/info/exclude", "ignored.bin\n")
        objects = recorded.git.git("count-objects")

        with pytest.raises(DirtyTreeRefused) as refused:
            choose(layout)

        assert refused.value.message == (
            "what is uncommitted is 1.1 MB, and no more than 1 MB is captured: data/raw.bin (0.9 MB), data/more.bin"
            " (0.2 MB)"
        )
        assert all(word in refused.value.hint for word in (".gitignore", "captured.largest_mb", "--dirty=ignore"))
        assert recorded.git.git("count-objects") == objects

    def test_symlinks_out_of_the_tree(self, recorded: Recorded, layout: Layout) -> None:
        """No checkout can have them; one that is ignored is no hindrance."""
        (recorded.git.path / "table").symlink_to("/somewhere/else")

        with pytest.raises(DirtyTreeRefused, match=r"'table' is a symlink out of it, to '/somewhere/else'\nhint: name"):
            choose(layout)
        recorded.git.write(".gitignore", "/table\n")
        assert choose(layout).captured

    def test_what_git_cannot_add(self, recorded: Recorded, layout: Layout) -> None:
        """Git's own words say what it is."""
        (recorded.git.path / "inner").mkdir()
        GitRepository(recorded.git.path / "inner").git("init", "--quiet")

        with pytest.raises(DirtyTreeRefused, match="git cannot capture the working tree: error: 'inner/'"):
            choose(layout)


class TestStepsOfOne:
    """A step of a captured tree has a version by its content, as any other."""

    def test_an_edit_is_another_key_and_its_undoing_the_same(self, recorded: Recorded, layout: Layout) -> None:
        """Nothing stale is used again after an edit of a helper, and what was made before it is used after it."""
        before = trainer(layout, choose(layout))
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        edited = trainer(layout, choose(layout))
        recorded.git.write("lib/shape.py", "def width(): return 1  # as it was\n")
        undone = trainer(layout, choose(layout))

        assert not changes.is_same(before, edited)
        assert changes.is_same(before, undone)

    def test_a_plan_says_what_the_tree_was_changed_from(self, recorded: Recorded, layout: Layout) -> None:
        """And nothing of a commit."""
        head = recorded.git.git("rev-parse", "HEAD")
        recorded.git.write("README.md", "edited\n")
        run = queued(layout, choose(layout).commit)

        assert resolve(layout, run, check_out=False).captured == head
        assert resolve(layout, run._replace(options=Options()), check_out=False).captured == ""

    def test_a_version_that_no_branch_has_is_named_by_the_capture(self, recorded: Recorded, layout: Layout) -> None:
        """One that the history has keeps its name, whatever else was edited."""
        first = recorded.git.git("rev-parse", "HEAD")
        recorded.git.write("README.md", "edited\n")
        assert trainer(layout, choose(layout)).version == first
        recorded.git.write("lib/shape.py", "def width(): return 2\n")

        chosen = choose(layout)

        assert trainer(layout, chosen).version == chosen.commit

    def test_a_new_file_counts(self, recorded: Recorded, layout: Layout) -> None:
        """A step that git does not track yet is one of the captured tree; the history has none."""
        recorded.git.write("steps/new.py", STEP.replace("Net", "New"))

        commit = capture(layout)

        assert "steps.new.New" in steps_at(layout, commit)
        assert {v.row.type for v in versions(layout, every_ref=True)} == {"steps.net.Net"}

    def test_it_is_made_again_by_its_name(self, recorded: Recorded, layout: Layout) -> None:
        """As the step of any commit is."""
        recorded.git.write("steps/net.py", STEP.replace("pass", "WIDTH, run_fn = width(), None"))
        recorded.git.write("lib/shape.py", "def width(): return 7\n")
        commit = capture(layout)
        recorded.git.git("stash", "--quiet")

        assert Repository(layout).get_step_by_version("steps.net.Net", commit).WIDTH == 7

    def test_a_pin_means_its_commit(self, recorded: Recorded, layout: Layout) -> None:
        """Whatever is uncommitted."""
        first = recorded.git.git("rev-parse", "HEAD")
        before = trainer(layout, choose(layout))
        pipeline = recorded.git.path / ".zenml/pipelines/p.yaml"
        pipeline.write_text(pipeline.read_text().replace("steps.net.Net", f"steps.net.Net@{first}"))
        recorded.git.write("lib/shape.py", "def width(): return 2\n")

        pinned = trainer(layout, choose(layout))

        assert (pinned.version, pinned.pinned, pinned.code_digest) == (first, True, before.code_digest)

    def test_why_names_the_lines(self, recorded: Recorded, layout: Layout) -> None:
        """Against a commit, and against another captured tree."""
        recorded.run()
        recorded.git.write("lib/shape.py", "def width():\n    return 2\n")
        recorded.run(["trainer"], captured=capture(layout))
        recorded.git.write("lib/shape.py", "def width():\n    return 3\n")
        recorded.run(["trainer"], captured=capture(layout))

        said = [why(layout, number, "trainer")[1][0] for number in (2, 3)]

        assert [(found.run, found.causes[0].text) for found in said] == [
            (1, "lib/shape.py (+2 -1) changed"),
            (2, "lib/shape.py (+1 -1) changed"),
        ]


class TestHowItStays:
    """It is private to the clone, and there as long as somebody may ask for it."""

    def test_git_does_not_lose_it(self, recorded: Recorded, layout: Layout) -> None:
        """Through a stash, a reset, a rebase and a garbage collection while its run is queued."""
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        commit = capture(layout)
        run = queued(layout, commit)
        recorded.git.git("stash", "--quiet")
        recorded.git.git("stash", "drop", "--quiet")
        recorded.git.git("commit", "--quiet", "--amend", "--message", "another one")
        recorded.git.git("reflog", "expire", "--expire=now", "--all")

        recorded.git.git("gc", "--quiet", "--prune=now")

        plan = resolve(layout, run)
        assert (Path(plan.checkout) / "lib/shape.py").read_text() == "def width(): return 2\n"

    def test_a_push_leaves_it_here_unless_it_mirrors(self, recorded: Recorded, layout: Layout, tmp_path: Path) -> None:
        """``git push --mirror`` pushes every ref there is."""
        there = tmp_path / "there"
        recorded.git.git("init", "--quiet", "--bare", str(there))
        recorded.git.write("README.md", "secret\n")
        commit = capture(layout)

        recorded.git.git("push", "--quiet", "--all", str(there))
        recorded.git.git("push", "--quiet", "--tags", str(there))

        assert GitRepository(there).attempt("cat-file", "-e", commit).returncode != 0
        recorded.git.git("push", "--quiet", "--mirror", str(there))
        assert GitRepository(there).attempt("cat-file", "-e", commit).returncode == 0

    def test_it_expires_after_its_last_run(
        self, recorded: Recorded, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not before the time that its settings say, whatever others do, and never while a run waits for it."""
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-02-02T02:02:02Z")
        found = []
        for name, time in (("waiting", "0 s"), ("ran", "180 d"), ("unused", "180 d"), ("short", "0 s")):
            recorded.git.write("README.md", name)
            recorded.git.write(".zenml/config.yaml", f"version: 1\ncaptured: {{keep: {time}}}\n")
            found.append(capture(layout))
        waiting, ran, unused, short = found
        queued(layout, waiting)
        ended(layout, ran)
        run = ended(layout, short)
        recorded.git.write(".zenml/config.yaml", "version: 1\ncaptured: {keep: 0 s}\n")

        with Journal(layout.runs_db) as journal:
            assert set(captured.expire(layout, journal)) == {unused, short}

        assert [is_kept(recorded, commit) for commit in found] == [True, True, False, False]
        assert "has expired: its code is gone" in captured.note(layout, run)

    def test_what_is_new_is_not_looked_for_among_runs(self, recorded: Recorded, layout: Layout) -> None:
        """It stays, with or without one."""
        recorded.git.write("README.md", "new")
        commit = capture(layout)
        ended(layout, commit, CANCELED)
        with Journal(layout.runs_db) as journal:
            assert captured.expire(layout, journal) == []

    def test_it_is_dropped_by_hand(self, recorded: Recorded, layout: Layout) -> None:
        """Once its runs have ended."""
        recorded.git.write("README.md", "edited")
        commit = capture(layout)
        run = queued(layout, commit)
        with pytest.raises(UsageError, match=r"run 1 executes .*, and has not ended\nhint: .*cancel 1"):
            captured.drop(layout, "1")
        with Journal(layout.runs_db) as journal:
            journal.cancel(run.number)

        captured.drop(layout, commit[:7])

        assert captured.listing(layout) == []
        with pytest.raises(UnknownName, match="dropped, or have expired"):
            captured.held(layout, "1")

    def test_a_run_that_is_resumed_keeps_it(self, recorded: Recorded, layout: Layout) -> None:
        """Though it was dropped, as long as git still has it."""
        user_config.path().parent.mkdir(parents=True)
        user_config.path().write_text("worker: {idle: 0 s}\n")
        recorded.git.write(".zenml/pipelines/cannot.yaml", CANNOT)
        run = start(layout, "cannot", choose(layout))
        captured.drop(layout, str(run.number))

        again = resume(layout, run.number)

        assert (again.commit, again.options.captured) == (run.commit, True)
        assert is_kept(recorded, run.commit)
        with Journal(layout.runs_db) as journal:
            for _ in follow(layout, journal, again.number):
                pass

    def test_why_says_what_can_not_be_read_any_more(self, recorded: Recorded, layout: Layout) -> None:
        """When git has thrown it away."""
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        recorded.run(captured=capture(layout))
        captured.drop(layout, "1")
        recorded.git.git("checkout", "--quiet", ".")
        recorded.git.git("gc", "--quiet", "--prune=now")
        recorded.run(["trainer"])

        _, [found] = why(layout, 2, "trainer")

        assert "which is not to be read any more" in found.causes[0].text


class TestWhatBecomesOfIt:
    """It is looked at, compared, and made a branch of."""

    def test_they_are_listed_with_runs_and_files(self, recorded: Recorded, layout: Layout) -> None:
        """The newest first."""
        head = recorded.git.git("rev-parse", "HEAD")
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        recorded.git.write("lib/new.py", "")
        recorded.run(captured=capture(layout))

        [found] = captured.listing(layout)

        assert (found.base, found.files) == (head, ["lib/new.py", "lib/shape.py"])
        assert [run.number for run in found.runs] == [1]
        assert captured.held(layout, "1") == captured.held(layout, found.commit[:7]) == found

    def test_one_is_compared(self, recorded: Recorded, layout: Layout) -> None:
        """To the commit below it, another one, a run, or any commit."""
        recorded.run()
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        recorded.run(captured=capture(layout))
        recorded.git.write("lib/shape.py", "def width(): return 3\n")
        third = capture(layout)

        assert "-def width(): return 1\n+def width(): return 3" in captured.difference(layout, third)
        assert "-def width(): return 2\n+def width(): return 3" in captured.difference(layout, third, "2")
        assert captured.difference(layout, "2", "1") == captured.difference(layout, "2", "HEAD")
        with pytest.raises(UsageError, match=r"run 1 is of commit .*, and nothing was captured for it"):
            captured.difference(layout, "1")
        with pytest.raises(UsageError, match="no commit is named 'nowhere'"):
            captured.difference(layout, "2", "nowhere")

    def test_runs_of_it_stand_beside_others(self, recorded: Recorded, layout: Layout) -> None:
        """Marked as they are everywhere."""
        recorded.run()
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        commit = capture(layout)
        recorded.run(captured=commit)

        compared = str(Repository(layout).compare_training_runs())

        assert f"{commit[:7]}+" in compared
        assert f"steps.net.Net@{commit[:12]}" in compared
        assert compared.count("+") == 1

    def test_a_branch_is_made_of_it(self, recorded: Recorded, layout: Layout) -> None:
        """With a commit of the user's; nothing is checked out, and its versions are those that ran."""
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        commit = capture(layout)
        planned = trainer(layout, Chosen(commit, captured=True))
        before = recorded.git.git("status", "--porcelain"), recorded.git.git("rev-parse", "HEAD")

        made = captured.promote(layout, commit, "wider", "Widen it\n\nA little.")

        assert recorded.git.git("log", "-1", "--format=%P %an %s", "wider") == f"{before[1]} Ada Widen it"
        assert recorded.git.git("rev-parse", "wider^{tree}") == recorded.git.git("rev-parse", f"{commit}^{{tree}}")
        assert (recorded.git.git("status", "--porcelain"), recorded.git.git("rev-parse", "HEAD")) == before
        promoted = trainer(layout, choose(layout, "wider"))
        assert (promoted.version, changes.is_same(promoted, planned)) == (made, True)

    def test_a_branch_that_is_there_stays(self, recorded: Recorded, layout: Layout) -> None:
        """And a name that git does not take makes none."""
        recorded.git.write("README.md", "edited")
        commit = capture(layout)
        branches = recorded.git.git("branch", "--list")

        with pytest.raises(UsageError, match="there is a branch 'main' already"):
            captured.promote(layout, commit, "main")
        for name in ("no name", "--force", "a..b"):
            with pytest.raises(GitError, match="not a valid branch name"):
                captured.promote(layout, commit, name)
        assert recorded.git.git("branch", "--list") == branches


class TestWhereItStands:
    """Working trees and projects of one clone do not see each other's changes."""

    def test_a_linked_working_tree_is_captured_itself(self, recorded: Recorded, tmp_path: Path) -> None:
        """On top of its own HEAD."""
        recorded.git.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
        side = GitRepository(tmp_path / "side")
        head = side.commit({"README.md": "side"})
        recorded.git.write("lib/shape.py", "def width(): return 2\n")
        side.write("lib/shape.py", "def width(): return 3\n")

        commit = capture(locate(side.path))

        assert side.git("rev-parse", f"{commit}^") == head
        assert side.git("cat-file", "blob", f"{commit}:lib/shape.py") == "def width(): return 3"

    def test_a_project_in_a_folder_is_captured_alone(
        self, repository: GitRepository, make_repository: Callable[[str], GitRepository]
    ) -> None:
        """Two projects of a clone have captured trees of their own, and paths from their own folders."""
        repository.commit({"README.md": ""})
        layouts = []
        for name in ("one", "two"):
            (repository.path / name).mkdir()
            layouts.append(Repository.init_repo(repository.path / name, hooks=False, here=True).layout)
            repository.write(f"{name}/.zenml/pipelines/cannot.yaml", CANNOT)
        repository.write("README.md", "edited")
        one, two = layouts

        run = start(one, "cannot", choose(one))

        assert ".zenml/pipelines/cannot.yaml" in captured.held(one, str(run.number)).files
        assert repository.git("ls-tree", "--name-only", run.commit).split() == ["README.md", "one"]
        assert repository.git("cat-file", "-s", f"{run.commit}:README.md") == "0"
        assert captured.listing(two) == []
        assert left_out(one) == ["README.md", "two/.zenml/config.yaml", "two/.zenml/pipelines/cannot.yaml"]
        assert left_out(locate(repository.path / "one")._replace(prefix="", folder=str(repository.path))) == []
