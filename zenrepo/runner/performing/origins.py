"""Where the modules of a step's process come from: the commit's checkout or the environment, never the working tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

from zenrepo.errors import StepFailed
from zenrepo.runs.plan import Plan
from zenrepo.sources.modules import OWN
from zenrepo.sources.outside import INSTALLED, places_of


def refuse_working_tree(plan: Plan, known: Collection[str]) -> None:
    """Refuse modules that the working tree has given, which no commit need hold.

    An installation that is editable, or ``PYTHONPATH``, offers its sources to every process of the environment.

    Args:
        plan: the run.
        known: the names of modules that were there before any of the step's.

    Raises:
        StepFailed: naming one.
    """
    new = [name for name in sys.modules if name not in known]
    for name in (name for name in new if name.partition(".")[0] != OWN):  # pinned modules are among zenrepo's own
        for place in places_of(sys.modules.get(name)):
            if _is_working_tree(Path(os.path.realpath(place)), plan):
                raise StepFailed(
                    f"module '{name}' was imported from the working tree, '{place}', and not from the commit",
                    _hint(name, Path(os.path.realpath(plan.repository))),
                )


def _is_working_tree(path: Path, plan: Plan) -> bool:
    repository, prefix = Path(os.path.realpath(plan.repository)), Path(sys.prefix).resolve()
    others = [Path(os.path.realpath(place)) for place in (plan.checkout, plan.artifact_store)]
    others += [*INSTALLED, *([prefix] if prefix != repository else [])]
    return path.is_relative_to(repository) and not any(map(path.is_relative_to, others))


def _hint(name: str, repository: Path) -> str:
    """Say how the commit's own module is found in place of it."""
    [place, *_] = places_of(sys.modules[name.partition(".")[0]])
    top = Path(os.path.realpath(place))
    root = top.parent.parent if top.name == "__init__.py" else top.parent
    folder = root.relative_to(repository).as_posix() if root.is_relative_to(repository) else "."
    if folder == ".":
        return f"'git add' '{top.relative_to(repository)}', so that the commit holds it"
    return f"name '{folder}' under 'source_roots' in .zenml/config.yaml, so that the commit's own is found"
