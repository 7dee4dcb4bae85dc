"""The list of shipped names agrees with what ships."""

from __future__ import annotations

import importlib

import zenrepo.steps
from zenrepo.sources.release import shipped_steps
from zenrepo.sources.shipped import INTERFACES, KINDS, STANDARD, STANDARD_BACKENDS
from zenrepo.steps.base import BaseStep


def test_every_exported_step_is_listed_with_its_kind() -> None:
    """What ``zenrepo.steps`` exports, the list names, and the other way round."""
    exported = {name: value for name, value in vars(zenrepo.steps).items() if isinstance(value, type)}
    steps = {name: value.KIND for name, value in exported.items() if issubclass(value, BaseStep)}

    assert steps == KINDS


def test_a_standard_step_has_the_arguments_that_its_class_takes() -> None:
    """Reading the sources tells the same as Python's own signature."""
    import inspect

    for name, version in shipped_steps().items():
        room, _, qualname = name.rpartition(".")
        signature = inspect.signature(getattr(importlib.import_module(room), qualname).__init__)
        taken = tuple(list(signature.parameters)[1:])
        assert (version.facts.parameters, version.facts.open) == (taken, False), name
    assert {name.rpartition(".")[2] for name in shipped_steps()} == {*STANDARD, *STANDARD_BACKENDS}
    assert not set(STANDARD) & set(INTERFACES)
