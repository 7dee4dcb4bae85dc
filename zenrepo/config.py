"""A repository's settings: ``.zenml/config.yaml``."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from zenrepo.durations import seconds_of
from zenrepo.errors import UsageError
from zenrepo.layout import CONFIG
from zenrepo.relative import refuse_absolute, refuse_outside
from zenrepo.typed_yaml import Places, Typed, convert, default_list, parse, refuse_version, save

VERSION: Final = 1

DEFAULT_TEXT: Final = f"""\
# The settings of a zenrepo repository. Git tracks this file: every path in it is relative to the folder
# that holds .zenml/, so that it means the same in every clone.
version: {VERSION}

# The folders that step types start from: with [src], src/steps/trainer.py holds steps.trainer.MyStep.
source_roots: [.]

# Where artifacts (a folder) and ML Metadata (a SQLite file) live: relative paths. Empty: in this clone's git folder,
# where nothing can be committed by accident.
artifact_store: ""
metadata_store: ""

# Uncommitted changes that 'zenrepo run' captures: how long they are kept after their last run, and how many megabytes
# they may be.
captured: {{keep: 180 d, largest_mb: 100}}

# The lock files that say which libraries steps run with: where one changes, results are made anew. Without this line:
# uv.lock, requirements.txt and others of well-known names, where git tracks them; [] for none.
# environment: [uv.lock]
"""
"""What ``zenrepo init`` writes; it says the defaults."""


class CaptureSettings(Typed, frozen=True, kw_only=True):
    """What becomes of captured working trees.

    Args:
        keep: how long one is kept after its last run, as `zenrepo.durations` reads it.
        largest_mb: how many megabytes of changed files are captured at the most.
    """

    keep: int | float | str = "180 d"
    largest_mb: int = 100

    @property
    def keep_seconds(self) -> float:
        """How long one is kept after its last run, in seconds."""
        return seconds_of(self.keep)


class Config(Typed, frozen=True, kw_only=True):
    """What a repository's settings say.

    Args:
        version: of the format.
        source_roots: the folders that step types start from, relative to the repository's folder.
        artifact_store: where artifacts live, relative or an address; empty for the clone's private folder.
        metadata_store: where ML Metadata lives, likewise.
        captured: what becomes of captured working trees.
        environment: globs of the lock files that say which libraries steps run with; ``None`` for those of well-known
            names, and none at all where it is empty.
    """

    version: int = VERSION
    source_roots: list[str] = default_list(".")
    artifact_store: str = ""
    metadata_store: str = ""
    captured: CaptureSettings = CaptureSettings()
    environment: list[str] | None = None


def read(text: bytes, file: str = CONFIG, root: Path | None = None) -> Config:
    """Read a repository's settings.

    Args:
        text: the file's bytes.
        file: the file as the user knows it, for errors.
        root: the repository's folder, to say which relative path an absolute one should be.

    Returns:
        The settings, with a default for each key that is not there.

    Raises:
        PipelineFileError: for anything wrong in it, with file, line and the cure.
    """
    document = parse(text, file)
    refuse_version(document, VERSION)
    config = convert(document, Config)
    for key, store in (("artifact_store", config.artifact_store), ("metadata_store", config.metadata_store)):
        with document.places.at(key):
            refuse_absolute(store, root)
    _refuse_source_roots(config.source_roots, document.places, root)
    for position, glob in enumerate(config.environment or ()):
        with document.places.at("environment", position):
            refuse_absolute(glob, root)
            refuse_outside(glob)
    with document.places.at("captured", "keep"):
        seconds_of(config.captured.keep)
    with document.places.at("captured", "largest_mb"):
        if config.captured.largest_mb < 0:
            raise UsageError(f"{config.captured.largest_mb} megabytes are no size", "write 0 or more")
    return config


def source_roots(text: bytes) -> list[str]:
    """Read the source roots of a commit's settings.

    Args:
        text: the file's bytes.

    Returns:
        The folders; the default ones where the file is broken, for a history cannot be mended, and must not make every
        look-up fail.
    """
    try:
        return read(text).source_roots
    except UsageError:
        return Config().source_roots


def load(path: Path) -> Config:
    """Read the settings of a working tree.

    Args:
        path: of ``.zenml/config.yaml``.

    Returns:
        What it says; the defaults where there is no such file.

    Raises:
        PipelineFileError: for anything wrong in it, with file, line and the cure.
    """
    return read(path.read_bytes(), CONFIG, path.parent.parent) if path.exists() else Config()


def write_default(path: Path) -> bool:
    """Write the default settings, unless there are some.

    Args:
        path: of ``.zenml/config.yaml``.

    Returns:
        Whether they were written.
    """
    if path.exists():
        return False
    save(path, DEFAULT_TEXT)
    return True


def _refuse_source_roots(roots: list[str], places: Places, root: Path | None) -> None:
    if not roots:
        raise places.error(("source_roots",), "no source root is given", "write [.] for the repository's folder")
    for position, folder in enumerate(roots):
        with places.at("source_roots", position):
            refuse_absolute(folder, root)
            refuse_outside(folder)
            _refuse_form(folder)
        if folder in roots[:position]:
            raise places.error(("source_roots", position), f"source root '{folder}' is given twice", "keep one")


def _refuse_form(folder: str) -> None:
    plain = PurePosixPath(folder).as_posix()
    if ".." in plain.split("/") or not folder or folder == "/":
        raise UsageError(f"'{folder}' is not a folder of the repository", "write a relative path, or '.'")
    if plain != folder:
        raise UsageError(f"source root '{folder}' has a shorter form", f"write '{plain}'")
