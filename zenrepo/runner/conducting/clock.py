"""Where the seconds of a run go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Counts from now. What is neither imports, Beam nor work is ML Metadata's and TFX's own."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._imports = self._beam = self._performing = 0.0
        self._at_work = 0
        self._since = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def performing(self) -> Iterator[None]:
        """Count the seconds of the block as a step's; those of several at once count once."""
        with self._lock:
            self._since = self._since if self._at_work else time.monotonic()
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    self._performing += time.monotonic() - self._since

    def add(self, imports: float, beam: float) -> None:
        """Say which seconds of a step were imports, and which inside Beam pipelines."""
        with self._lock:
            self._imports += imports
            self._beam += beam

    def parts(self, before: float) -> dict[str, float]:
        """Divide the seconds so far, of which ``before`` passed on imports before this clock began."""
        total = time.monotonic() - self._began
        parts = {
            "imports": before + self._imports,
            "metadata": total - self._performing,
            "beam": self._beam,
            "work": self._performing - self._imports - self._beam,
        }
        return {name: round(max(seconds, 0.0), 3) for name, seconds in parts.items()}
