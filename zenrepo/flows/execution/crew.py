"""What a worker keeps from one run to the next: the warm parents, and what it knows of whoever queued a run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from types import TracebackType

import zenrepo
from zenrepo.git.command import clean_environment
from zenrepo.layout import Layout
from zenrepo.runs.journal import Run
from zenrepo.runs.processes.bell import Bell
from zenrepo.runs.processes.launch import Process, Warm, end_group
from zenrepo.runs.processes.parents import HEAVY, Parents

_LOOK = 0.5
"""Seconds between two looks at the queue while a run is executed that leaves room for another."""

SCARCE = 1 << 30
"""Bytes of free memory below which the heavy parent, which holds about as many, ends while nothing runs."""


class Crew:
    """What works for a worker.

    Args:
        layout: of the repository.
        jobs: how many runs are executed at a time, and how many steps of one.
        parents: the warm ones; by default it gets its own, which end with it.
        bell: by which others tell the worker that there is more to do, where it listens.
    """

    def __init__(self, layout: Layout, jobs: int = 1, parents: Parents | None = None, bell: Bell | None = None) -> None:
        layout.private.mkdir(parents=True, exist_ok=True)
        self.jobs = jobs
        self.parents = parents or Parents(layout.private, clean_environment())
        self._bell = bell
        self._stopping = Event()
        self._processes: set[Process] = set()
        self._lock = Lock()
        self._stamp = stamp()

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parents.close()

    def warm(self, run: Run) -> Warm:
        """Say how a warm parent is asked for the process of a run; its variables are those of whoever queued it."""
        told = self._bell.environment(run.queued) if self._bell else None
        return Warm(self.parents.addresses, clean_environment() if told is None else told, self.jobs)

    @contextmanager
    def at_work(self, process: Process) -> Iterator[None]:
        """Have the process of a run end when the worker is stopped."""
        with self._lock:
            self._processes.add(process)
        try:
            self.refuse_stopped()
            yield
        finally:
            with self._lock:
                self._processes.discard(process)

    def stop(self) -> None:
        """Ask the processes of all runs to end."""
        self._stopping.set()
        with self._lock:
            for process in self._processes:
                end_group(process, signal.SIGTERM)

    def refuse_stopped(self) -> None:
        """Raise KeyboardInterrupt where the worker was told to stop: its threads hear no signal."""
        if self._stopping.is_set():
            raise KeyboardInterrupt

    def is_outdated(self) -> bool:
        """Say whether something was installed or changed since this process imported it."""
        return stamp() != self._stamp

    def refresh(self) -> None:
        """Have new parents, where something was installed since the last run."""
        now = stamp()
        if now != self._stamp:
            self._stamp = now
            self.parents.retire()

    def save_memory(self) -> None:
        """End the heavy parent where memory is short; call it while nothing runs."""
        if HEAVY in self.parents.pids() and free_memory() < SCARCE:
            self.parents.retire(HEAVY)


def side_by_side(take: Callable[[], Run | None], execute: Callable[[Run], None], crew: Crew) -> int:
    """Execute runs, as many at a time as the crew may.

    Args:
        take: starts the run that waits longest, and whose pipeline has none running; ``None`` where none does.
        execute: executes it, to its end.
        crew: what works for the worker.

    Returns:
        How many there were.
    """
    if crew.jobs == 1:
        done = 0
        while run := take():
            crew.refresh()
            execute(run)
            done += 1
        return done
    return _in_threads(take, execute, crew)


def _in_threads(take: Callable[[], Run | None], execute: Callable[[Run], None], crew: Crew) -> int:
    done = 0
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(crew.jobs) as threads:
        try:
            while True:
                while len(running) < crew.jobs and (run := take()):
                    crew.refresh()
                    running.add(threads.submit(execute, run))
                    done += 1
                if not running:
                    return done
                ended, running = wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
                for one in ended:
                    one.result()
        except BaseException:
            crew.stop()
            raise


def stamp() -> int:
    """Give a number that is another one when packages were installed, upgraded or removed, or zenrepo was changed."""
    installed = (Path(folder) for folder in sys.path if folder)
    own = Path(zenrepo.__file__).parent.rglob("*.py")
    return hash(tuple(_changed(path) for path in (*installed, *sorted(own))))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def free_memory() -> int:
    """Give the bytes of memory that are free for programs; very many where that is not known."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123  (it is no file on a disk)
            found = next(line for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return sys.maxsize
    return int(found.split()[1]) << 10
