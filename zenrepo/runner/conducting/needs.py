"""Which warm parent a step's process comes from: the light one where nothing that it runs needs TensorFlow or Beam."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from zenrepo.runner.compiling.pipeline import Node
from zenrepo.runner.executors import WITHOUT_TENSORFLOW
from zenrepo.runs.plan import Plan, PlannedStep
from zenrepo.runs.processes.parents import HEAVY, LIGHT

STANDARD = (
    "zenrepo.steps.CSVDataStep",
    "zenrepo.steps.DatasourceStep",
    "zenrepo.steps.FolderDeployer",
)
"""The steps that ship and need neither."""

LIBRARIES = (
    "apache_beam",
    "keras",
    "tensorflow",
    "tensorflow_data_validation",
    "tensorflow_datasets",
    "tensorflow_metadata",
    "tensorflow_model_analysis",
    "tensorflow_transform",
    "tf_keras",
    "tfx",
    "tfx_bsl",
)
"""What the heavy parent has imported, and a step that uses it should not import again."""


def parent_of(node: Node, plan: Plan) -> str:
    """Say which parent forks the process of a node.

    Args:
        node: that is to be executed.
        plan: the run.

    Returns:
        The light one for a step whose sources nowhere import one of `LIBRARIES`; else the heavy one.
    """
    step = node.step
    if step is None or node.kind not in WITHOUT_TENSORFLOW or step.backend is not None or _is_elsewhere(step):
        return HEAVY
    if step.type in STANDARD:
        return LIGHT
    if step.pinned or step.type.startswith("zenrepo."):
        return HEAVY
    return HEAVY if any(name in LIBRARIES for name in _imported(step.type, plan.source_roots)) else LIGHT


def _is_elsewhere(step: PlannedStep) -> bool:
    """Say whether an argument names an address: TensorFlow opens those."""
    return "://" in str(step.args)


def _imported(step_type: str, source_roots: list[str]) -> set[str]:
    """Name the packages that a step's module imports, or a module of the repository that it imports, anywhere."""
    names: set[str] = set()
    waiting, seen = [step_type], set()
    while waiting:
        file, package = _file(waiting.pop(), source_roots)
        if file is None or file in seen:
            continue
        seen.add(file)
        for name in _names(file, package):
            names.add(name.partition(".")[0])
            waiting.append(name)
    return names


def _file(dotted: str, source_roots: list[str]) -> tuple[Path | None, str]:
    """Find the module of the repository that a dotted name begins with, and the package that it is in."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        for root in source_roots:
            path = Path(root, *parts[:cut])
            if path.with_suffix(".py").is_file():
                return path.with_suffix(".py"), ".".join(parts[: cut - 1])
            if (path / "__init__.py").is_file():
                return path / "__init__.py", ".".join(parts[:cut])
    return None, ""


def _names(file: Path, package: str) -> Iterator[str]:
    """Give the names that a module imports, wherever in it it does."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # the step's process says so, with the line
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - statement.level + 1] if statement.level else []
            base = ".".join(filter(None, [*above, statement.module or ""]))
            yield from (f"{base}.{alias.name}" for alias in statement.names)
