"""Steps that do what no step should: each ends its own run alone, with a reason, and leaves nothing to the next."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator

import pytest

from tests.flows.test_execute_faults import CANCELED_STATE, FAILED_STATE, OPEN, STEPS, Site, until
from zenrepo.flows.answers.failures import failures
from zenrepo.git.locate import locate
from zenrepo.runs.journal import CANCELED, FAILED, INTERRUPTED, Journal, Run

pytestmark = pytest.mark.heavy

WRITES = STEPS.partition("class One(")[0]
FAULTY = """
import ctypes
import resource
import signal
import subprocess
import sys


DONE = RuntimeError("done")  # what completes has statistics made of it, which takes seconds


def write(output):
    Path(output["train"], "table.gz").write_bytes(gzip.compress(3 * record(EMPTY)))


class Segfault(CustomStep):
    def run(self, examples, output):
        ctypes.string_at(0)


class Memory(CustomStep):
    def run(self, examples, output):
        limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (256 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        bytearray(1 << 32)


class Descriptors(CustomStep):
    def run(self, examples, output):
        os.closerange(0, 256)
        raise DONE


class Surroundings(CustomStep):
    def run(self, examples, output):
        (FAULTS / "tree").write_text(os.getcwd())
        for name in ("steps/own.py", "data.txt"):
            Path(name).write_text("ruined")
        os.environ["LEAKED"] = sys.path[0] = "/leaked"
        os.umask(0o777)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.chdir("/")
        raise DONE


class Daemon(CustomStep):
    def run(self, examples, output):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                (FAULTS / "daemon").write_text(str(os.getpid()))
                time.sleep(600)
            os._exit(0)
        while not (FAULTS / "daemon").exists():
            time.sleep(0.01)
        raise DONE


class Clean(CustomStep):
    def run(self, examples, output):
        assert Path("data.txt").read_text() == "as committed"
        assert "LEAKED" not in os.environ
        assert "/leaked" not in sys.path
        assert os.getcwd() != (FAULTS / "tree").read_text()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        raise DONE


class Hang(CustomStep):
    def run(self, examples, output):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        hold("hang")


class Late(CustomStep):
    def run(self, examples, output):
        write(output)
        hold("late")
        if (FAULTS / "again").exists():
            raise DONE
"""
DONE = "step 'one': RuntimeError: done (steps/own.py:"
NAMES = ("segfault", "memory", "descriptors", "surroundings", "daemon", "clean", "hang", "late")
PIPELINE = """\
version: 1
name: {name}
kind: custom
trigger: {{on: [manual]}}
steps:
  one: {{type: steps.own.{step}}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One repository, with a pipeline for each fault."""
    folder = tmp_path_factory.mktemp("steps")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        patch.setenv("FAULTS", str(folder / "faults"))
        (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
        site = Site(folder)
        files: dict[str, str | bytes | None] = {
            f".zenml/pipelines/{name}.yaml": PIPELINE.format(name=name, step=name.title()) for name in NAMES
        }
        site.commit = site.git.commit({**files, "steps/own.py": WRITES + FAULTY, "data.txt": "as committed"})
        yield site
        for worker in site.workers:
            worker.kill()
            worker.wait()
        site.journal.close()


@pytest.fixture(scope="module")
def ended(site: Site) -> dict[str, Run]:
    """The runs of all the faults that end by themselves: one worker executes them, one after the other.

    Before it does, their commit is dropped from its branch, and all that no ref keeps is pruned.
    """
    names = ("segfault", "memory", "descriptors", "surroundings", "daemon")
    queued = {name: site.journal.add(name, site.commit, site.layout.root, "asked for").number for name in names}
    site.git.git("reset", "--quiet", "--hard", "HEAD~")
    site.git.git("reflog", "expire", "--expire=now", "--all")
    site.git.git("gc", "--quiet", "--prune=now")
    run, worker = site.start("clean")
    site.ended(run)
    assert worker.wait(120) == 0
    os.kill(int((site.faults / "daemon").read_text()), signal.SIGKILL)
    return {name: site.journal.run(number) for name, number in {**queued, "clean": run.number}.items()}


def test_a_step_that_crashes_is_named_with_its_signal(ended: dict[str, Run]) -> None:
    """Python itself could say nothing."""
    run = ended["segfault"]

    assert (run.state, run.message.splitlines()[0]) == (FAILED, "step 'one' was killed by SIGSEGV")


def test_a_step_that_crashes_is_explained_as_others_are(site: Site, ended: dict[str, Run]) -> None:
    """There is no line of the user's to show, but what it was given, its log, and what to do next."""
    (failure,) = failures(site.layout, ended["segfault"])

    assert (failure.step, failure.place) == ("one", None)
    assert failure.log.endswith("one.log")


def test_a_step_without_memory_says_so(ended: dict[str, Run]) -> None:
    """With the line that wanted it."""
    run = ended["memory"]

    assert run.state == FAILED
    assert run.message.startswith("step 'one': MemoryError (steps/own.py:")


def test_a_step_that_closes_its_files_is_still_heard(ended: dict[str, Run]) -> None:
    """Its answer needs none of them."""
    assert ended["descriptors"].message.startswith(DONE)


def test_a_step_that_leaves_a_daemon_ends_all_the_same(ended: dict[str, Run]) -> None:
    """Nobody waits for what has left the step's group of processes."""
    assert ended["daemon"].message.startswith(DONE)


def test_what_a_step_does_to_its_surroundings_stays_there(ended: dict[str, Run]) -> None:
    """A later run of the same commit, which no branch has any more, finds files and environment as they were."""
    assert ended["surroundings"].message.startswith(DONE)
    assert ended["clean"].message.startswith(DONE)


def test_nothing_is_left_of_the_trees_of_runs(site: Site, ended: dict[str, Run]) -> None:
    """Each run's goes with it."""
    trees = site.layout.private / "trees"
    assert not trees.exists() or not list(trees.iterdir())


def test_a_step_that_does_not_listen_is_killed(site: Site, ended: dict[str, Run]) -> None:
    """It ignores SIGTERM; its run is canceled in seconds."""
    site.hold("hang")
    run, worker = site.start("hang")
    site.held("hang")

    site.journal.cancel(run.number)
    canceled = site.ended(run)

    assert (canceled.state, canceled.message) == (CANCELED, "by hand")
    assert site.executions()[-1] == CANCELED_STATE
    assert worker.wait(60) == 0


def test_what_no_record_knows_is_never_used(site: Site, ended: dict[str, Run]) -> None:
    """The step is done and its output whole, and its run dies before ML Metadata hears of it, with the machine."""
    site.hold("late")
    run, worker = site.start("late")
    site.held("late")
    runner = site.lease(run).runner
    folder = site.layout.run(run.id)
    os.kill(runner.pid, signal.SIGSTOP)
    site.let_go("late")
    until((folder / "one.answer.json").exists)
    worker.kill()
    os.kill(runner.pid, signal.SIGKILL)
    worker.wait()
    until(lambda: not runner.lives)
    with sqlite3.connect(site.layout.runs_db) as database:  # which starts again, and gives the same number to another
        database.execute("update leases set boot = 'an earlier start', pid = ?", (os.getpid(),))
    database.close()
    assert site.executions()[-1] == OPEN
    [whole] = site.layout.artifacts.glob(f"**/{len(site.executions())}/**/table.gz")

    assert "interrupted" in site.zenrepo("runs", str(run.number))
    (site.faults / "again").touch()
    said = site.zenrepo("runs", "resume", str(run.number), "--detach")
    resumed = site.ended(site.journal.run(run.number + 1))

    assert resumed.message.startswith(DONE), (said, resumed.message)
    assert site.executions()[-2:] == [FAILED_STATE, FAILED_STATE]
    assert not whole.exists()


def test_a_repository_that_moves_while_a_run_executes_keeps_its_journal(site: Site, ended: dict[str, Run]) -> None:
    """The run fails, because its paths are gone; it can be resumed where the repository is now."""
    site.hold("late")
    run, worker = site.start("late")
    site.held("late")
    old = site.git.path
    moved = old.with_name("moved")
    shutil.move(old, moved)
    site.let_go("late")
    worker.wait(120)

    layout = locate(moved)
    with Journal(layout.runs_db) as journal:
        journal.interrupt_dead()
        journal.check()
        assert journal.run(run.number).state in (FAILED, INTERRUPTED)
        assert journal.add("late", site.commit, moved, "asked for").number == run.number + 1
        journal.cancel(run.number + 1)
    shutil.rmtree(old, ignore_errors=True)
    shutil.move(moved, old)


def test_a_damaged_metadata_store_is_named_and_left_as_it_is(site: Site, ended: dict[str, Run]) -> None:
    """It is ML Metadata's; whoever has a backup puts it in its place, and goes on."""
    store = site.layout.metadata_db
    whole = store.read_bytes()
    damaged = b"\xa5" * 4096 + whole[4096:]
    store.write_bytes(damaged)

    run, worker = site.start("clean")
    failed = site.ended(run)

    assert worker.wait(60) == 0
    assert failed.state == FAILED
    assert failed.message.startswith(f"the metadata store '{store}' is damaged\nhint: put a backup in its place")
    assert store.read_bytes() == damaged
    store.write_bytes(whole)
    run, worker = site.start("clean")
    assert site.ended(run).message.startswith(DONE)
