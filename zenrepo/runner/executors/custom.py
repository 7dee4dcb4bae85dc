"""CustomStep: whatever it writes as gzipped TFRecords are its examples."""

from __future__ import annotations

from pathlib import Path

from tfx.types.artifact import Artifact

from zenrepo.errors import StepFailed
from zenrepo.runner.artifacts import records
from zenrepo.runner.performing.work import Work
from zenrepo.steps.interfaces.custom import CustomStep


class _Output(dict[str, str]):
    """The folder of each split that the step asks for."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        self._artifact = artifact

    def __missing__(self, split: str) -> str:
        records.check_split_names([split])
        records.describe(self._artifact, [*self, split])
        folder = records.split_folder(self._artifact, split)
        folder.mkdir(parents=True, exist_ok=True)
        self[split] = str(folder)
        return self[split]


def customize(work: Work) -> None:
    """Have the step make examples of the newest ones before it.

    Args:
        work: with a CustomStep.

    Raises:
        StepFailed: if it wrote no examples, or something else than examples.
    """
    step = work.step
    assert isinstance(step, CustomStep)
    output = _Output(work.output("examples"))
    step.run(_examples(work), output)
    if not output:
        raise StepFailed("run wrote no examples", "write gzipped TFRecords into output['<split>']")
    rows = {split: _count(split, Path(folder)) for split, folder in output.items()}
    work.facts.update(rows=sum(rows.values()), splits=rows)


def _examples(work: Work) -> dict[str, list[str]]:
    """List the files of the examples before the step, by split."""
    if "before" not in work.inputs:
        return {}
    before = work.input("before")
    return {split: records.files_of(records.split_folder(before, split)) for split in records.splits_of(before)}


def _count(split: str, folder: Path) -> int:
    """Count the examples of a split, every one of which must be one."""
    rows = 0
    try:
        for batch in records.read_serialized(folder):
            records.decode(batch)
            rows += len(batch)
    except (RuntimeError, ValueError) as error:
        raise StepFailed(f"what run wrote into split '{split}' are no tf.Example: {error}") from error
    if not rows:
        raise StepFailed(f"run wrote no examples into split '{split}'", "leave a split out that has none")
    return rows
