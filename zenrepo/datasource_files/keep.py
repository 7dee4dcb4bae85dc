"""Makes a commit of a datasource of the examples that a run ingested."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from zenrepo.datasource_files.commits import LOG, folder_of
from zenrepo.datasource_files.file import STEP, name_of
from zenrepo.errors import ZenrepoError
from zenrepo.runs.plan import Plan
from zenrepo.steps.data.ready import FILES, MANIFEST


def keep(plan: Plan, made: dict[str, dict[str, Any]]) -> str:
    """Keep the examples that a run ingested as a commit of its datasource.

    The commit is written beside its place and renamed into it, and is in the log only when it is there. Where the same
    examples are kept already nothing is copied.

    Args:
        plan: of the run.
        made: by step, the event that says what it made.

    Returns:
        The commit's id.

    Raises:
        ZenrepoError: where the run made no examples.
    """
    event = made.get(STEP, {})
    artifact = next((each for each in event.get("artifacts", []) if each["name"] == "examples"), None)
    if artifact is None:
        raise ZenrepoError(f"run '{plan.run}' made no examples to keep")
    from zenrepo.metadata.read import MetadataReader  # noqa: PLC0415  (a worker runs without ML Metadata, too)

    said = MetadataReader(Path(plan.metadata_store)).texts_of(artifact["id"])
    commit, folder = said["content"], folder_of(Path(plan.artifact_store), name_of(plan.pipeline))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / commit / MANIFEST).exists():
        manifest = {
            "id": commit,
            "rows": event["facts"]["rows"],
            "types": json.loads(said["types"]),
            "notes": event["facts"].get("notes", []),
            "type": plan.steps[0].type,
            "args": plan.steps[0].args,
            "git_commit": plan.commit,
            "run": plan.run,
            "artifact": artifact["id"],
        }
        _put(Path(artifact["uri"], FILES), folder / commit, manifest)
    _log(folder / LOG, {"id": commit, "time": time.time(), "run": plan.run, "git_commit": plan.commit})
    return commit


def _put(files: Path, place: Path, manifest: dict[str, Any]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    try:
        shutil.copytree(files, beside / FILES, copy_function=_link)
        (beside / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        beside.rename(place)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _link(source: str, target: str) -> None:
    """Link a file, which nothing writes again, or copy it where it lies on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    Path(target).chmod(0o444)


def _log(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
