"""What is different between two plans of a step: its code, its arguments, its data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from zenrepo.errors import ZenrepoError
from zenrepo.flows.lookup import version_at
from zenrepo.git import lines
from zenrepo.git.lines import Counted
from zenrepo.index.snapshot import Snapshots
from zenrepo.index.store import Index
from zenrepo.layout import Layout
from zenrepo.pipeline_files.file import texts
from zenrepo.recorded import marked
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.steps.data.ready import input_name

NOTHING = "nothing"
_ADDRESS = "as it was in "
"""Begins the digest of data behind an address, which nobody can digest from here."""
_DATASOURCE = input_name("")


class Cause(NamedTuple):
    """Why a step has to run again.

    Args:
        kind: ``code``, ``class``, ``argument``, ``data``, ``library``, ``release``, ``input``, ``first``, ``no-cache``,
            ``lost`` or ``other``.
        text: what a user is told.
        files: for code and data that git tracks: the files that changed.
        old: what it was before: of an argument its value, of libraries their versions by name, else a text.
        new: what it is now.
        commits: for files, the two commits that they differ between.
    """

    kind: str
    text: str
    files: list[Counted] = []  # noqa: RUF012  (nobody changes it)
    old: Any = None
    new: Any = None
    commits: tuple[str, str] | None = None


def is_same(before: PlannedStep, now: PlannedStep) -> bool:
    """Say whether two plans of a step have the same cache key, its input artifacts and zenrepo's release left out."""
    return _key(before) == _key(now)


def _key(step: PlannedStep) -> tuple[object, ...]:
    digests = {name: file.digest for name, file in step.inputs.items()} | step.classes
    return step.type, step.code_digest, _plain(step.args), digests


def causes(layout: Layout, old: tuple[Plan, PlannedStep], new: tuple[Plan, PlannedStep]) -> list[Cause]:
    """Say what a step's result depends on, beside its input artifacts, and is not as it was.

    Args:
        layout: of the repository.
        old: a plan, and the step in it.
        new: another plan, and the same step in that.
    """
    (_, before), (_, now) = old, new
    found: list[Cause] = []
    if before.type != now.type:
        found.append(Cause("code", f"the step is {now.type}, and was {before.type}", [], before.type, now.type))
    elif before.code_digest != now.code_digest:
        found.append(_code(layout, old, new))
    found += _arguments(before.args, now.args)
    found += _classes(layout, old, new)
    found += _data(layout, old, new)
    return found


def _code(layout: Layout, old: tuple[Plan, PlannedStep], new: tuple[Plan, PlannedStep]) -> Cause:
    (_, before), (_, now) = old, new
    if now.type.startswith("zenrepo."):
        text = f"{before.version} -> {now.version}" if before.version != now.version else "another build of zenrepo"
        return Cause("release", f"{text}: it has other code of the step", [], before.version, now.version)
    commits = _commit(old), _commit(new)
    try:
        paths = {path for commit in commits for _, path in version_at(layout, now.type, commit).closure}
        return _changed("code", now.type, layout, commits, paths)
    except ZenrepoError:  # a commit that no ref reached is gone
        return Cause("code", f"{now.type} changed since commit {commits[0][:10]}, which is not to be read any more")


def _commit(planned: tuple[Plan, PlannedStep]) -> str:
    """Give the commit that the code of a step came from."""
    plan, step = planned
    return step.version if step.pinned else plan.commit


def _changed(kind: str, what: str, layout: Layout, commits: tuple[str, str], paths: Iterable[str]) -> Cause:
    files = lines.counts(layout.root, *commits, paths, under=layout.prefix)
    listed = ", ".join(map(said, files))
    return Cause(kind, f"{listed} changed" if listed else f"{what} changed", files, *commits, commits)


def said(file: Counted) -> str:
    """Write a changed file with the lines that were added and removed."""
    return file.path if file.added is None else f"{file.path} (+{file.added} -{file.removed})"


def _arguments(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Cause]:
    before, now = dict(_flat(old)), dict(_flat(new))
    for name in {**before, **now}:
        said = [_plain(values[name]) if name in values else NOTHING for values in (before, now)]
        if said[0] != said[1]:
            yield Cause("argument", f"{name}: {said[0]} -> {said[1]}", [], before.get(name), now.get(name))


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Give the arguments inside maps by dotted names."""
    for name, item in value.items():
        if isinstance(item, dict) and item and not marked(item):
            yield from _flat(item, f"{before}{name}.")
        else:
            yield before + name, item


def _plain(value: Any) -> str:
    tag = marked(value)
    if tag is not None:
        return " ".join(tag)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _classes(layout: Layout, old: tuple[Plan, PlannedStep], new: tuple[Plan, PlannedStep]) -> Iterator[Cause]:
    before, now = old[1].classes, new[1].classes
    for name in {**before, **now}:
        if before.get(name) == now.get(name):
            continue
        if name not in before or name not in now:
            if _is_named(name, old[1].args, new[1].args):
                yield Cause("class", f"{name} is {'no more' if name in before else 'now'} one of the repository")
            continue
        dotted, _, pin = name.partition("@")
        commits = pin or _commit(old), pin or _commit(new)
        try:
            paths = {path for commit in commits for path in _closure(layout, commit, dotted)}
            yield _changed("class", dotted, layout, commits, paths)
        except ZenrepoError:
            yield Cause("class", f"{dotted} changed")


def _is_named(name: str, *several: Mapping[str, Any]) -> bool:
    """Say whether a step named something before and after; else an argument is the cause."""
    return all(name in (text for _, text in texts(dict(args))) for args in several) or several[0] == several[1]


def _closure(layout: Layout, commit: str, name: str) -> Iterator[str]:
    """Give the files of a class and of all that its module imports."""
    with Index(layout.index_db) as index:
        snapshots = Snapshots(layout, index)
        tree = snapshots.tree(snapshots.at(commit))
        for module, _ in tree.find_absolute(name):
            if module:
                yield from (tree.modules[one].path for one in tree.closure(module))


def _data(layout: Layout, old: tuple[Plan, PlannedStep], new: tuple[Plan, PlannedStep]) -> Iterator[Cause]:
    before, now = old[1].inputs, new[1].inputs
    for name in {**before, **now}:
        if name not in before or name not in now:
            if _is_named(name, old[1].args, new[1].args):
                is_now = "no file or folder any more" if name in before else "a file or folder now"
                yield Cause("data", f"'{name}' is {is_now}")
            continue
        digests = before[name].digest, now[name].digest
        if digests[0] == digests[1]:
            continue
        if name.startswith(_DATASOURCE):
            text = f"datasource {name.removeprefix(_DATASOURCE)}: commit {digests[0]} -> {digests[1]}"
            yield Cause("data", text, [], *digests)
        elif digests[1].startswith(_ADDRESS):
            yield Cause("data", f"what is behind '{name}' may have changed: every run reads it", [], *digests)
        else:
            yield _of_files(layout, name, digests, (old[0].commit, new[0].commit))


def _of_files(layout: Layout, name: str, digests: tuple[str, str], commits: tuple[str, str]) -> Cause:
    """Say which files of the data changed, where git tracks them."""
    try:
        files = lines.counts(layout.root, *commits, [name.removeprefix("./").rstrip("/")], under=layout.prefix)
    except ZenrepoError:
        files = []
    text = f"{', '.join(map(said, files[:3]))}{' and more' if len(files) > 3 else ''}" if files else name
    return Cause("data", f"{text} changed", files, *digests, commits if files else None)
