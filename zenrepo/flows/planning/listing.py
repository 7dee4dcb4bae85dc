"""The pipeline files of the working tree or of a commit; one that is broken hides no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from zenrepo.errors import PipelineFileError, UnknownName
from zenrepo.flows.lookup import commit_of
from zenrepo.git import tree
from zenrepo.git.locate import has_worktree
from zenrepo.layout import PIPELINES, Layout
from zenrepo.pipeline_files.file import PipelineFile, read


class Listing(NamedTuple):
    """The pipeline files that there are.

    Args:
        files: those that can be read, by the pipelines' names.
        broken: why each other one cannot, by the name that its file has.
    """

    files: dict[str, PipelineFile]
    broken: dict[str, PipelineFileError]


def names(layout: Layout, revision: str | None = None) -> list[str]:
    """Name the pipelines, the broken ones too, without reading a file.

    Args:
        layout: of the repository.
        revision: the commit, as ``git rev-parse`` takes it; the working tree by default, HEAD in a bare repository.
    """
    if revision is None and has_worktree(layout):
        return sorted(path.stem for path in layout.pipelines.glob("*.yaml"))
    return sorted(_blobs(layout, revision))


def listing(layout: Layout, revision: str | None = None) -> Listing:
    """Read every pipeline file.

    Args:
        layout: of the repository.
        revision: as for `names`.
    """
    found = Listing({}, {})
    for name, content in sorted(_contents(layout, revision).items()):
        try:
            found.files[name] = _read(layout, name, content())
        except PipelineFileError as error:
            found.broken[name] = error
    return found


def pipeline_file(layout: Layout, name: str, revision: str | None = None) -> PipelineFile:
    """Read one pipeline file.

    Args:
        layout: of the repository.
        name: the pipeline's.
        revision: as for `names`.

    Raises:
        UnknownName: if there is none of that name.
        PipelineFileError: if it is broken.
    """
    known = names(layout, revision)
    if name not in known:
        where = "'zenrepo pipelines' lists them" if revision is None else f"'{revision}' does not hold it"
        raise UnknownName("pipeline", name, known, where)
    if revision is None and has_worktree(layout):
        return _read(layout, name, _bytes(layout.pipelines / f"{name}.yaml"))
    return _read(layout, name, tree.content(layout.root, _blobs(layout, revision)[name]))


def _read(layout: Layout, name: str, text: bytes) -> PipelineFile:
    return read(text, f"{PIPELINES}/{name}.yaml", layout.root)


def _contents(layout: Layout, revision: str | None) -> dict[str, Callable[[], bytes]]:
    if revision is None and has_worktree(layout):
        return {path.stem: partial(_bytes, path) for path in layout.pipelines.glob("*.yaml")}
    blobs = _blobs(layout, revision)
    texts = dict(tree.contents(layout.root, sorted(set(blobs.values()))))
    return {name: partial(texts.__getitem__, blob) for name, blob in blobs.items()}


def _bytes(path: Path) -> bytes:
    if path.is_symlink():  # to git it holds a name, so no commit would run it
        raise PipelineFileError(f"{PIPELINES}/{path.name}", 1, "is a symlink, and no file", "put the file itself there")
    try:
        return path.read_bytes()
    except OSError as error:  # a folder, a file of somebody else's
        file = f"{PIPELINES}/{path.name}"
        raise PipelineFileError(file, 1, f"cannot be read: {error.strerror}", "make it a file, or remove it") from error


def _blobs(layout: Layout, revision: str | None) -> dict[str, str]:
    commit = commit_of(layout, revision or "HEAD")
    files = tree.files(layout.root, commit, under=f"{layout.prefix}{PIPELINES}/")
    return {Path(name).stem: blob for name, blob in files.items() if name.endswith(".yaml") and "/" not in name}
