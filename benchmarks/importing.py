"""What Python itself finds in a working tree when it imports every module, for comparison with what reading finds."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from zenrepo.steps import BaseStep


class Imported(NamedTuple):
    """What the import of one module gave.

    Args:
        types: the step types that it defines.
        modules: the modules of the working tree that were imported with it.
    """

    types: set[str]
    modules: set[str]


def import_each(modules: Iterable[str], folders: Sequence[Path]) -> dict[str, Imported]:
    """Import some modules, each in a process of its own; those that cannot be imported are left out.

    Args:
        modules: dotted names.
        folders: the source roots.
    """
    told = {name: _in_a_child(name, folders) for name in modules}
    return {name: Imported(set(found[0]), set(found[1])) for name, found in told.items() if found}


def _in_a_child(name: str, folders: Sequence[Path]) -> list[list[str]]:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, json.dumps(_tell(name, folders)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        told = stream.read()
    os.waitpid(child, 0)
    found: list[list[str]] = json.loads(told or b"[]")
    return found


def _tell(name: str, folders: Sequence[Path]) -> list[list[str]]:
    sys.path[:0] = map(str, folders)
    sys.dont_write_bytecode = True
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    before = set(sys.modules)
    holders: list[object] = [importlib.import_module(name)]
    types = set()
    for holder in holders:  # which grows
        for value in list(vars(holder).values()):
            if isinstance(value, type) and value.__module__ == name and value not in holders:
                holders.append(value)
                if issubclass(value, BaseStep):
                    types.add(f"{name}.{value.__qualname__}")
    own = tuple(f"{folder}/" for folder in folders)
    new = ((n, getattr(sys.modules[n], "__file__", None) or "") for n in set(sys.modules) - before)
    return [sorted(types), sorted(n for n, file in new if file.startswith(own))]
