"""Which pipelines a change of the repository affects, and whether their triggers let it run them.

Hooks ask this at every commit, so a pipeline file is read once, and what decides is kept in the index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from zenrepo.errors import PipelineFileError, ZenrepoError
from zenrepo.git import history, tree
from zenrepo.git.links import aliases
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import PIPELINES, Layout, is_pipeline
from zenrepo.packed import pack, unpack
from zenrepo.values import NamedTuple


class Pipeline(NamedTuple):
    """What of a pipeline file decides whether a commit runs it.

    Args:
        name: the pipeline's name.
        trigger: the whole section in its canonical form, which is what a user trusts.
        events: those that run it.
        branches: globs of the branches whose commits do; all where it is empty.
        types: the types of steps and backends that it names without a pin.
        texts: every string among its arguments; those that are paths name its data.
        classes: the classes that its arguments name without a pin.
        paths: globs of the files whose changes run it; whatever affects it where it is empty.
        tags: globs of the tags that run it; every tag where it is empty.
        schedule: the times at which it runs, and perhaps their zone; empty for none.
    """

    name: str
    trigger: str
    events: list[str]
    branches: list[str]
    types: list[str]
    texts: list[str]
    classes: Sequence[str] = ()
    paths: Sequence[str] = ()
    tags: Sequence[str] = ()
    schedule: Sequence[str] = ()


class Change(NamedTuple):
    """What changed between two commits.

    Args:
        old: the commit before; empty before the first.
        new: the commit after.
        paths: the files that were written or deleted, from the project's folder, by all names that symlinks give them.
        types: the step types whose version is another one than before.
    """

    old: str
    new: str
    paths: list[str]
    types: set[str]


def between(layout: Layout, index: Index, old: str, new: str) -> Change:
    """Say what changed from one commit to another.

    Args:
        layout: of the repository.
        index: caught up.
        old: a commit; empty for nothing at all.
        new: another.
    """
    snapshots = Snapshots(layout, index)
    before = snapshots.at(old).steps if old else {}
    now = snapshots.at(new).steps
    types = {name for name, v in now.items() if name not in before or before[name].code_digest != v.code_digest}
    paths = history.changed_paths(layout.folder, old, new, under=layout.prefix)
    return Change(old, new, by_all_names(layout, index, new, paths), types)


def by_all_names(layout: Layout, index: Index, commit: str, paths: list[str]) -> list[str]:
    """Give some paths of a commit, and the names that symlinks give them."""
    return [*paths, *aliases(paths, Snapshots(layout, index).links(commit))]


def pipelines(layout: Layout, index: Index, commit: str, broken: list[ZenrepoError]) -> Iterator[Pipeline]:
    """Read the pipeline files of a commit, each distinct blob once.

    Args:
        layout: of the repository.
        index: where what was read is kept.
        commit: the commit.
        broken: takes in why a file cannot be read.
    """
    for path, blob in Snapshots(layout, index).files_at(commit).items():
        if is_pipeline(path):
            try:
                yield pipeline_in(layout, index, path, blob)
            except PipelineFileError as error:
                broken.append(error)


def pipeline_in(layout: Layout, index: Index, path: str, blob: str) -> Pipeline:
    """Read what a pipeline file says, each distinct blob once.

    Args:
        layout: of the repository.
        index: where what was read is kept.
        path: of the file.
        blob: what it holds.

    Raises:
        PipelineFileError: if it cannot be read.
    """
    kept = index.pipeline(path, blob)
    if kept is None:
        kept = pack(_read(tree.content(layout.folder, blob), path))
        index.keep_pipeline(path, blob, kept)
    [name], [trigger], *rest = unpack(kept)
    return Pipeline(name, trigger, *rest)


def reason(pipeline: Pipeline, change: Change, layout: Layout, index: Index) -> str:
    """Say why a change runs a pipeline whose event and branch fit; an empty string where it does not.

    With ``paths`` in its trigger these alone decide, as in other systems that watch commits.
    """
    if pipeline.paths:
        found = history.matching(layout.folder, pipeline.paths, change.old, change.new, under=layout.prefix)
        return f"{found[0]} changed" if found else ""
    return _affects(pipeline, change) or _changed_class(pipeline, change, layout, index)


def on_branch(pipeline: Pipeline, layout: Layout, branch: str | None) -> bool:
    """Say whether a pipeline runs on a branch; on HEAD's where none is given."""
    if not pipeline.branches:
        return True
    return matches(history.branch(layout.folder) if branch is None else branch, pipeline.branches)


def matches(name: str, globs: Sequence[str]) -> bool:
    """Say whether the name of a branch or a tag matches one of some globs, or there are none."""
    if not globs:
        return True
    from fnmatch import fnmatchcase  # noqa: PLC0415  (it costs a hook 6 ms, and few pipelines name branches)

    return any(fnmatchcase(name, glob) for glob in globs)


def _affects(pipeline: Pipeline, change: Change) -> str:
    if f"{PIPELINES}/{pipeline.name}.yaml" in change.paths:
        return "its file changed"
    steps = sorted(change.types.intersection(pipeline.types))
    if steps:
        return f"{', '.join(steps)} changed"
    data = next((text for text in pipeline.texts for path in change.paths if _is_under(path, text)), "")
    return f"{data} changed" if data else ""


def _changed_class(pipeline: Pipeline, change: Change, layout: Layout, index: Index) -> str:
    """Say which class that an argument names is in a file that changed, or imports one; empty for none."""
    if not pipeline.classes or not any(path.endswith(".py") for path in change.paths):
        return ""
    snapshots = Snapshots(layout, index)
    modules = snapshots.tree(snapshots.at(change.new))
    for name in pipeline.classes:
        for module, _ in modules.find_absolute(name):
            if module and any(modules.modules[one].path in change.paths for one in modules.closure(module)):
                return f"{name} changed"
    return ""


def _is_under(path: str, text: str) -> bool:
    """Say whether a changed path is what a text among the arguments names, is below it, or led to it."""
    below = os.path.normpath(text)
    if text and (path == below or path.startswith(below + "/") or below.startswith(path + "/")):
        return True
    return any(sign in below for sign in "*?[") and _is_below_glob(path, below)


def _is_below_glob(path: str, glob: str) -> bool:
    from zenrepo.flows.planning.environment import matches_glob  # noqa: PLC0415  (few pipelines name globs)

    parts = path.split("/")
    return any(matches_glob(parts[:end], glob.split("/")) for end in range(1, len(parts) + 1))


def _data(keys: Sequence[object], text: str) -> str:
    """Give what a text among the arguments may name: a dot is everything as a path, and else nothing."""
    return "**" if keys[:1] == ("path",) and text and os.path.normpath(text) == "." else text


def _read(text: bytes, path: str) -> list[Sequence[str]]:
    from zenrepo.pipeline_files.file import canonical, classes_in, read, texts  # noqa: PLC0415  (YAML costs a hook 40 ms, and few commits change a pipeline)

    pipeline = read(text, path)
    entries = [entry for _, entry in pipeline.entries()]
    types = [entry.type for entry in entries if not entry.pin]
    strings = [_data(keys, text) for entry in entries for keys, text in texts(entry.args) if "\0" not in text]
    classes = [name for entry in entries if not entry.pin for _, name in classes_in(entry.args) if "@" not in name]
    trigger = pipeline.trigger
    times = [part for part in (trigger.schedule, trigger.timezone) if part is not None]
    decides = [trigger.on, trigger.branches, types, strings, classes, trigger.paths, trigger.tags, times]
    return [[pipeline.name], [canonical(trigger)], *decides]
