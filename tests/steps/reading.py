"""Runs a data step as the runner does, and reads back what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zenrepo.steps import DataStep


@dataclass(frozen=True)
class Ingested:
    """What became of a source.

    Args:
        rows: by feature, the values of each example; a text is decoded where it can be.
        facts: what is shown in the run's report.
        files: that were written.
    """

    rows: list[dict[str, Any]]
    facts: dict[str, Any]
    files: list[Path]

    def column(self, name: str) -> list[Any]:
        """Give the values of a feature, of a missing one ``None``."""
        return [row.get(name) for row in self.rows]

    @property
    def notes(self) -> str:
        """What was noted."""
        return "\n".join(self.facts.get("notes", []))


def ingest(step: DataStep, folder: Path) -> Ingested:
    """Run a data step, its Beam pipeline included, into a folder."""
    from tfx.types import standard_artifacts

    from zenrepo.runner.artifacts import records
    from zenrepo.runner.executors import data
    from zenrepo.runner.performing.work import Work

    artifact = standard_artifacts.Examples()
    artifact.uri = str(folder / "examples")
    work = Work("data", step, {}, None, {}, {"examples": [artifact]}, {})
    data.ingest(work)
    split = records.split_folder(artifact, "data")
    batches = [records.decode(batch) for batch in records.read_serialized(split)]
    rows = [{n: _plain(v) for n, v in row.items() if v is not None} for batch in batches for row in batch.to_pylist()]
    return Ingested(rows, work.facts | step.facts, sorted(split.iterdir()))


def _plain(values: list[Any]) -> Any:
    texts = [_text(value) if isinstance(value, bytes) else value for value in values]
    return texts[0] if len(texts) == 1 else texts


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
