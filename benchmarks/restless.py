"""Histories in which everything moves: modules come, go, move, break and link to each other, on branches that merge."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.history import import_stream

Tree = dict[str, tuple[str, str]]
"""Mode and content by path."""

_FOLDERS = ("", "lib/", "lib/deep/", "steps/", "src/own/")
_NAMES = tuple(f"m{number}" for number in range(5))
_KINDS = ("TrainerStep", "SplitStep", "DataStep", "EvaluatorStep")
_LINKS = {"lib/linked.py": "m0.py", "steps/borrowed": "../lib", "src/own/up.py": "../../lib/deep/m1.py"}
_CONFIGS = ("version: 1\n", "version: 1\nsource_roots: [src, .]\n", "version: 1\nsource_roots: [.]\n")


def make(folder: Path, commits: int, seed: int = 1) -> None:
    """Make a repository with so many commits on its branch and merges into it.

    Args:
        folder: must not exist.
        commits: how many.
        seed: another one gives another history.
    """
    import_stream(folder, _stream(commits, random.Random(seed)))


def _stream(commits: int, chance: random.Random) -> Iterator[str]:
    trees: list[Tree] = [{".zenml/config.yaml": ("100644", _CONFIGS[0])}]
    main = 0
    yield _commit("main", 1, trees[0], [])
    while len(trees) < commits:
        number = len(trees) + 1
        if chance.random() < 0.15:
            other = chance.randrange(len(trees))
            trees.append(_merged(trees[main], trees[other], chance))
            yield _commit("main", number, trees[-1], [main + 1, other + 1] if other != main else [main + 1])
            main = len(trees) - 1
        else:
            is_side = chance.random() < 0.2
            parent = chance.randrange(len(trees)) if is_side else main
            trees.append(_changed(trees[parent], chance))
            yield _commit("side" if is_side else "main", number, trees[-1], [parent + 1])
            main = main if is_side else len(trees) - 1


def _merged(one: Tree, other: Tree, chance: random.Random) -> Tree:
    """Take each path from one side or the other, as people who solve conflicts do."""
    found = {path: chance.choice([one, other]).get(path) for path in {**one, **other}}
    return _without_clashes({path: entry for path, entry in found.items() if entry})


def _changed(tree: Tree, chance: random.Random) -> Tree:
    tree = dict(tree)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        modules = [path for path in tree if path.endswith(".py") and tree[path][0] == "100644"]
        what = chance.random()
        path = chance.choice(_FOLDERS) + chance.choice([*_NAMES, *_NAMES, "__init__"]) + ".py"
        if what < 0.1 and modules:
            del tree[chance.choice(modules)]
        elif what < 0.2 and modules:
            tree[path] = tree.pop(chance.choice(modules))
        elif what < 0.27:
            link = chance.choice([*_LINKS])
            if tree.pop(link, None) is None:
                tree[link] = ("120000", _LINKS[link])
        elif what < 0.3:
            tree[".zenml/config.yaml"] = ("100644", chance.choice(_CONFIGS))
        elif what < 0.4 and modules:
            edited = chance.choice(modules)
            tree[edited] = ("100644", tree[edited][1] + chance.choice(["# a comment\n", "x = 1\n", "x = (\n"]))
        else:
            tree[path] = ("100644", _text(chance))
    return _without_clashes(tree)


def _without_clashes(tree: Tree) -> Tree:
    """Drop what stands below a symlink."""
    links = [f"{path}/" for path, (mode, _) in tree.items() if mode == "120000"]
    return {path: entry for path, entry in tree.items() if not path.startswith(tuple(links))}


def _text(chance: random.Random) -> str:
    """Write a module that imports some others, if they are there, and may define steps."""
    lines = []
    bases = [chance.choice(_KINDS), "object"]
    for number in range(chance.randrange(4)):
        module = (chance.choice(["", "lib.", "lib.deep.", "steps.", "steps.borrowed.", "own."])) + chance.choice(_NAMES)
        package, _, name = module.rpartition(".")
        form = chance.choice(
            [
                f"import {module} as a{number}",
                f"from {package or '.'} import {name} as a{number}",
                f"from {module} import *",
                f"from . import {name} as a{number}",
            ]
        )
        lines.append(f"try:\n    {form}\nexcept ImportError:\n    a{number} = None")
        bases += ["X0"] if form.endswith("*") else [f"a{number}.X0"]
    lines.append(f"from zenrepo.steps import {', '.join(_KINDS)}")
    lines += [f"class X{number}({chance.choice(bases)}): pass" for number in range(chance.randrange(3))]
    return "\n".join([*lines, f"value = {chance.randrange(10)}"]) + "\n"


def _commit(branch: str, number: int, tree: Tree, parents: list[int]) -> str:
    lines = [f"commit refs/heads/{branch}", f"mark :{number}"]
    lines += [f"committer Ada <ada@example.org> {1_600_000_000 + number} +0000", f"data 1\n{number % 10}"]
    lines += [f"{word} :{parent}" for word, parent in zip(["from", "merge"], parents, strict=False)]
    lines += ["deleteall"]
    lines += [f"M {mode} inline {path}\ndata {len(text)}\n{text}" for path, (mode, text) in tree.items()]
    return "\n".join(lines) + "\n\n"
