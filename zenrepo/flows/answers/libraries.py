"""Which libraries are others between two environments: read from the lock files of both."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from zenrepo.errors import ZenrepoError
from zenrepo.flows.answers.changes import Cause, said
from zenrepo.git import lines, tree
from zenrepo.layout import Layout
from zenrepo.runs.plan import Plan

NAMED: Final = 3
"""Libraries that a cause names; the rest is counted."""

_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;,#\\]+)", re.MULTILINE)
"""As pip's requirements pin a library."""
_TOML: Final = re.compile(r'^name = "([^"\n]+)"\r?\nversion = "([^"\n]+)"', re.MULTILINE)
"""As uv, Poetry, PDM and pylock.toml write a package."""
_YAML: Final = re.compile(r"^[ -]*name: (\S+)\r?\n +version: (\S+)", re.MULTILINE)
"""As conda-lock and pixi do."""


def changed_libraries(layout: Layout, old: Plan, new: Plan) -> list[Cause]:
    """Say which libraries differ between the environments of two runs, lock file by lock file.

    Args:
        layout: of the repository.
        old: a plan.
        new: another.
    """
    before, now = old.environment, new.environment
    paths = [path for path in {**before, **now} if before.get(path) != now.get(path)]
    return [_cause(layout, path, (old, new)) for path in paths]


def packages(text: bytes) -> dict[str, str]:
    """Read the versions of libraries from a lock file.

    Args:
        text: its content, in any of the well-known formats.

    Returns:
        The version by name; several, which depend on the platform, with `` or `` between them. Empty where the format
        is another one.
    """
    source = text.decode("utf-8", "replace")
    found: dict[str, set[str]] = {}
    for pattern in (_REQUIREMENT, _TOML, _YAML):
        for name, version in pattern.findall(source):
            found.setdefault(name, set()).add(version.strip("'\""))
    for name, version in _pipenv(source):
        found.setdefault(name, set()).add(version)
    return {name: " or ".join(sorted(versions)) for name, versions in found.items()}


def _pipenv(source: str) -> Iterator[tuple[str, str]]:
    if not source.startswith("{"):
        return
    try:
        sections = [section for section in json.loads(source).values() if isinstance(section, dict)]
    except ValueError:
        return
    for section in sections:
        for name, package in section.items():
            if isinstance(package, dict) and isinstance(package.get("version"), str):
                yield name, package["version"].removeprefix("==")


def _cause(layout: Layout, path: str, plans: tuple[Plan, Plan]) -> Cause:
    blobs = plans[0].environment.get(path, ""), plans[1].environment.get(path, "")
    if not blobs[0] or not blobs[1]:
        return Cause("library", f"{path} {'is new' if blobs[1] else 'is gone'}", [], *blobs)
    commits = plans[0].commit, plans[1].commit
    try:
        before, now = (packages(tree.content(layout.common, blob)) for blob in blobs)
        files = [] if path.startswith("../") else lines.counts(layout.common, *commits, [path], under=layout.prefix)
    except ZenrepoError:  # a commit that no ref reached is gone
        return Cause("library", f"{path} changed", [], *blobs)
    different = {name: (before.get(name), now.get(name)) for name in sorted({**before, **now})}
    different = {name: versions for name, versions in different.items() if versions[0] != versions[1]}
    old, new = ({name: versions[i] for name, versions in different.items()} for i in (0, 1))
    name = said(files[0]) if files else path
    text = f"{os.path.normpath(path)}: {_listed(different)}" if different else f"{name} changed"
    return Cause("library", text, files, old or blobs[0], new or blobs[1], commits if files else None)


def _listed(different: Mapping[str, tuple[Any, Any]]) -> str:
    words = [_said(name, *versions) for name, versions in different.items()]
    rest = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _said(name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{name}=={new} is new"
    return f"{name}=={old} is gone" if new is None else f"{name}=={old} -> {new}"
