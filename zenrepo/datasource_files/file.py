"""The datasource file, ``.zenml/datasources/<name>.yaml``: the only truth about where its data comes from."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, Final

from zenrepo.errors import UsageError
from zenrepo.pipeline_files import rules
from zenrepo.pipeline_files.file import PipelineFile, StepEntry, texts
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.typed_yaml import Document, Places, Typed, convert, default_map, dump, parse, refuse_version

VERSION: Final = 1
STEP: Final = "data"
"""The name of the one step of a run that ingests a datasource."""
_RUN: Final = "datasource:"


class DatasourceFile(Typed, frozen=True, kw_only=True):
    """What a datasource file says.

    Args:
        version: of the format.
        name: the datasource's name, which is the file's stem.
        type: the type of the data step that reads it, perhaps pinned.
        args: the arguments that the step is made with.
    """

    version: int = VERSION
    name: str
    type: str
    args: dict[str, Any] = default_map()


def run_name(datasource: str) -> str:
    """Name the runs that ingest a datasource; no pipeline can have such a name."""
    return _RUN + datasource


def name_of(run: str) -> str:
    """Name the datasource whose ingest runs under a name; empty for a pipeline's."""
    return run.removeprefix(_RUN) if run.startswith(_RUN) else ""


def refuse_name(name: str) -> None:
    """Refuse a name that is not safe as a file's name.

    Raises:
        UsageError: as for a pipeline.
    """
    if not rules.PIPELINE_NAME.match(name):
        hint = "use letters, digits, '_', '-' and '.', at most 100, with no '-' or '.' in front"
        raise UsageError(f"'{name}' cannot be the name of a datasource", hint)


def read(text: bytes, file: str = "", root: Path | None = None) -> DatasourceFile:
    """Read a datasource file.

    Args:
        text: the file's bytes.
        file: the file as the user knows it; its stem must be the datasource's name.
        root: the repository's folder, to say which relative path an absolute one should be.

    Returns:
        What the file says.

    Raises:
        PipelineFileError: for anything wrong in it, with file, line and the cure.
    """
    return _read(parse(text, file or "datasource file"), file, root)


def read_as_pipeline(text: bytes, file: str, root: Path | None = None) -> tuple[PipelineFile, Places]:
    """Read a datasource file as the data pipeline that ingests it, and remember where in it everything stands."""
    document = parse(text, file)
    datasource = _read(document, file, root)
    steps = {STEP: StepEntry(type=datasource.type, args=datasource.args)}
    lines = {("steps", STEP, *keys): line for keys, line in document.places.lines.items()}
    return PipelineFile(name=datasource.name, kind="data", steps=steps), Places(file, lines)


def write(datasource: DatasourceFile) -> str:
    """Say a datasource in the one canonical form of its file."""
    return dump(datasource)


def _read(document: Document, file: str, root: Path | None) -> DatasourceFile:
    places = document.places
    refuse_version(document, VERSION)
    datasource = convert(document, DatasourceFile)
    with places.at("name"):
        refuse_name(datasource.name)
    stem = PurePosixPath(file).stem
    if stem and datasource.name != stem:
        problem = f"name '{datasource.name}' is not the file's, which is '{stem}'"
        raise places.error(("name",), problem, f"write 'name: {stem}', or rename the file")
    with places.at("type"):
        rules.refuse_step_type(datasource.type)
    for keys, text in texts(datasource.args):
        with places.at("args", *keys):
            refuse_absolute(text, root)
            refuse_outside(text)
    return datasource
