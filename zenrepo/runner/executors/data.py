"""DataStep: what the user's transform yields becomes files of examples."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records
from zenrepo.runner.performing.work import Work
from zenrepo.steps import progress
from zenrepo.steps.base import run_home
from zenrepo.steps.data.ready import FILES, MANIFEST
from zenrepo.steps.interfaces.data import DataStep

SPLIT = "data"
PREFIX = "data_tfrecord"
SHOWN = 50
"""The most columns whose types are reported one by one; of more, the report says how many have which."""
LARGE = 64 << 20
"""Bytes before compression after which a worker begins another file, so that the next step has several to share."""
CONTENT = "content"
"""The custom property of the examples that digests what they hold, however they lie in files."""
TYPES = "types"
"""The custom property of the examples that says the type of each column, as JSON."""


def ingest(work: Work) -> None:
    """Read the source and write it as one split named ``data``.

    Args:
        work: with a DataStep.

    Raises:
        StepFailed: if the source has no rows, or a column of several types.
    """
    step = work.step
    assert isinstance(step, DataStep)
    artifact = work.output("examples")
    records.describe(artifact, [SPLIT])
    folder = records.split_folder(artifact, SPLIT)
    if work.info:
        run_home["scratch"] = str(Path(work.info.tmp_dir, "scratch"))
    ready = step.ready_examples()
    said = _take_over(Path(ready), folder) if ready else _read(work, step, folder)
    if not said.rows:
        raise StepFailed("the source has no rows", "an empty data set cannot be split or trained on")
    types = said.types if len(said.types) <= SHOWN else dict(Counter(said.types.values()))
    artifact.set_string_custom_property(CONTENT, said.content)
    artifact.set_string_custom_property(TYPES, json.dumps(said.types))
    work.facts.update(rows=said.rows, types=types)


@dataclass(frozen=True)
class _Said:
    """What is in a folder of examples: how many, of which types by feature, and the digest of them."""

    rows: int
    types: dict[str, str]
    content: str


def _take_over(ready: Path, folder: Path) -> _Said:
    """Link the files of examples that are ready, or copy them where they lie on another disk."""
    manifest = json.loads((ready / MANIFEST).read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted((ready / FILES).iterdir()):
        try:
            os.link(file, folder / file.name)
        except OSError:
            shutil.copy2(file, folder / file.name)
    return _Said(manifest["rows"], manifest["types"], manifest["id"])


def _read(work: Work, step: DataStep, folder: Path) -> _Said:
    batches = step.batches() if _is_read_here(work, step) else None
    if batches is None:
        from zenrepo.runner.executors.data_in_beam import write

        write(work, step.read_from_source(), folder)
    else:
        shards = Shards(folder)
        for batch in batches:
            shards.write(batch)
        shards.finish()
    return _settle(folder)


def _is_read_here(work: Work, step: DataStep) -> bool:
    """Say whether the step's batches are what its transform would yield, and nobody wants Beam to make them."""
    kinds = type(step).__mro__
    own = {name: next(i for i, kind in enumerate(kinds) if name in vars(kind)) for name in _WAYS}
    return work.backend is None and own["batches"] <= own["read_from_source"]


_WAYS = ("batches", "read_from_source")


class Shards:
    """Writes batches into few files, so that a worker's cost is a file's, not a row's.

    Args:
        folder: of the split.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: records.ShardWriter | None = None
        self._types: dict[str, str] = {}

    def write(self, batch: Any) -> None:
        """Write a batch.

        Raises:
            StepFailed: if it is none, or a column has another type than before.
        """
        if not isinstance(batch, pa.RecordBatch):
            raise StepFailed(
                f"read_from_source yields {type(batch).__name__}, not pyarrow.RecordBatch",
                "yield pyarrow.RecordBatch.from_pydict({column: values, …})",
            )
        if not batch.num_rows:
            return
        if self._writer is None:
            self._path = self._folder / f"{uuid.uuid4().hex}.part"
            self._writer = records.ShardWriter(self._path)
        self._writer.write(batch)
        progress.advance(batch.num_rows)
        _add_types(self._types, {field.name: records.feature_type(field.type) for field in batch.schema})
        if self._writer.size > LARGE:
            self.finish()

    def finish(self) -> None:
        """Close the file, and say beside it what it holds; another batch begins another."""
        if self._writer is not None:
            self._writer.__exit__(None, None, None)
            said = {"rows": self._writer.rows, "types": self._types, "content": self._writer.content}
            self._path.with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
            self._writer = None


def _settle(folder: Path) -> _Said:
    """Name the files as TFX does, in an order that is the same whenever their content is."""
    found = [(json.loads(shard.with_suffix(".json").read_text(encoding="utf-8")), shard) for shard in _whole(folder)]
    types: dict[str, str] = {}
    found.sort(key=lambda pair: int(pair[0]["content"]))
    for index, (said, shard) in enumerate(found):
        _add_types(types, said["types"])
        shard.with_suffix(".json").unlink()
        shard.rename(folder / records.shard_name(PREFIX, index, len(found)))
    for leftover in folder.glob("*.part"):  # of a worker that was lost, and whose work another did
        leftover.unlink()
    rows = sum(said["rows"] for said, _ in found)
    return _Said(rows, types, records.digest_of(said["content"] for said, _ in found))


def _whole(folder: Path) -> list[Path]:
    """List the shards that were finished."""
    return [said.with_suffix(".part") for said in folder.glob("*.json")]


def _add_types(types: dict[str, str], others: dict[str, str]) -> None:
    """Take in the types of more columns; one without a value has none."""
    for name, kind in others.items():
        if types.get(name) and kind and types[name] != kind:
            raise StepFailed(
                f"column '{name}' is {types[name]} in one batch and {kind} in another",
                "yield the same type for a column in each batch",
            )
        types[name] = kind or types.get(name, "")
