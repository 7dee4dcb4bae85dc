"""Put zenrepo's hooks into a git repository beside whatever hooks are there, and take them out."""

from __future__ import annotations

import os
import shlex
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from zenrepo.errors import ZenrepoError
from zenrepo.git.hooks.file import COMMON, HookFile, is_ours, place, take_out, write
from zenrepo.git.hooks.folder import HookFolder, exclude, find_hook_folder, forget_excluded, ignored
from zenrepo.git.locate import has_worktree
from zenrepo.layout import Layout, shipped_hooks

AT_WORK = ("post-commit", "post-merge", "post-rewrite")
"""The hooks of a clone that is worked in."""

ON_EVENT = {"push": "post-receive", "tag": "reference-transaction"}
"""The hooks that are there only where a pipeline asks for their event: git calls the second at every ref it writes."""

HOOKS = (*AT_WORK, *ON_EVENT.values())
"""All hooks."""

FORMER = ("post-checkout",)
"""Hooks that earlier releases had, and that went without work: installing takes them out, and so does uninstalling."""


def wanted(layout: Layout, events: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the hooks that a repository needs.

    Args:
        layout: of the repository; a bare one needs the hook that receives pushes, and that alone.
        events: those that its pipelines ask for.
    """
    if not has_worktree(layout):
        return (ON_EVENT["push"],)
    events = set(events)
    return (*AT_WORK, *(hook for event, hook in ON_EVENT.items() if event in events))


def install(layout: Layout, python: str = sys.executable, events: Iterable[str] = ()) -> list[str]:
    """Put zenrepo's hooks beside whatever hooks exist, and take out those that it needs no more.

    Doing it again changes nothing.

    A hook that exists is moved aside and runs first, with its own arguments, input and exit code. A hook
    that the project itself keeps in its working tree is not touched: a note says which line would call
    zenrepo from it.

    Args:
        layout: the repository.
        python: the interpreter that zenrepo is installed in.
        events: those that its pipelines ask for, see `wanted`.

    Returns:
        What the user should know, a sentence each.

    Raises:
        NotARepository: if the repository is not there any more.
        ZenrepoError: if the hooks folder cannot be written.
    """
    folder = find_hook_folder(layout)
    if folder.off:
        return [f"hooks are turned off: core.hooksPath is '{folder.path}'"]
    names = wanted(layout, events)
    own = _projects_own(folder, names)
    with _writing(folder.path):
        notes = _fill(folder.path, [name for name in names if name not in own], python)
        _take_out(folder.path, FORMER)
        _fill(callable_hooks(layout), own, python)
        notes += _take_out_needless(layout, folder, names)
        if folder.tree:
            exclude(folder.tree, _our_paths(folder))
    return notes + _notes_on_folder(folder) + [_note_on_own(folder, name) for name in own]


def uninstall(layout: Layout) -> list[str]:
    """Take zenrepo's hooks out, and put back what stood in their place, byte for byte.

    Args:
        layout: the repository.

    Returns:
        What the user should know, a sentence each.

    Raises:
        NotARepository: if the repository is not there any more.
        ZenrepoError: if the hooks folder cannot be written.
    """
    folder = find_hook_folder(layout)
    notes: list[str] = []
    for path in dict.fromkeys((folder.path, folder.default, callable_hooks(layout))):
        if path.is_dir():
            with _writing(path):
                notes += _empty(path)
    if folder.tree:
        with _writing(folder.tree.common / "info"):
            forget_excluded(folder.tree, _our_paths(folder))
    return notes


def callable_hooks(layout: Layout) -> Path:
    """Where a hook is kept that the project's own hook may call."""
    return layout.common / "zenml" / "hooks"


def _fill(path: Path, names: list[str], python: str) -> list[str]:
    """Put hooks and their common part into a folder."""
    if not names:
        return []
    path.mkdir(parents=True, exist_ok=True)
    write(path / COMMON, _common(python), executable=False)
    shipped = shipped_hooks()
    notes = (place(HookFile(path, name), (shipped / name).read_bytes()) for name in names)
    return [note for note in notes if note]


def _empty(path: Path) -> list[str]:
    """Take hooks and their common part out of a folder."""
    notes = _take_out(path, (*HOOKS, *FORMER))
    if is_ours(path / COMMON):
        (path / COMMON).unlink()
    return notes


def _take_out(path: Path, names: Iterable[str]) -> list[str]:
    """Take hooks out of a folder, and put back what stood in their place."""
    return [note for name in names if (note := take_out(HookFile(path, name)))]


def _take_out_needless(layout: Layout, folder: HookFolder, needed: Iterable[str]) -> list[str]:
    """Take out hooks for events that nothing asks for any more; in a folder of others', somebody else may."""
    notes = []
    for name in sorted({*ON_EVENT.values()}.difference(needed)):
        for path in (callable_hooks(layout),) if folder.foreign else (folder.path, callable_hooks(layout)):
            if HookFile(path, name).installed:
                notes += _take_out(path, [name])
                notes.append(f"took out the git hook {name}, because no pipeline asks for it any more")
    return notes


def _common(python: str) -> bytes:
    """Write down in the common part where zenrepo is installed.

    The hook starts Python without its ``site`` module, which would take longer than all else together, so
    the folders that it would find are said here. It ends at once, too: nothing of it is left to tidy up.
    """
    home = Path(__file__).parents[3]
    folders = list(dict.fromkeys([str(home), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]))
    start = f"import os, sys; sys.path += {folders!a}; import zenrepo.hook as h; os._exit(h.main(sys.argv[1:]))"
    content = (shipped_hooks() / COMMON).read_bytes()
    for key, value in {"python": str(Path(python).absolute()), "home": str(home), "start": start}.items():
        content = content.replace(f"@{key}@".encode(), os.fsencode(shlex.quote(value)))
    return content


def _projects_own(folder: HookFolder, names: Iterable[str]) -> list[str]:
    """Name the hooks that a project keeps in its working tree, in files that are or can be committed."""
    if folder.tree is None:
        return []
    there = {path for name in names if os.path.lexists(path := folder.path / name) and not is_ours(path)}
    own = there - ignored(folder.tree, there)
    return [name for name in names if folder.path / name in own]


def _notes_on_folder(folder: HookFolder) -> list[str]:
    notes = []
    if folder.tree:
        notes.append(f"hooks folder '{folder.path}' is in a working tree: git there ignores zenrepo's hooks")
    if folder.foreign:
        notes.append(f"hooks folder '{folder.path}' serves every repository whose core.hooksPath leads to it")
    return notes


def _note_on_own(folder: HookFolder, name: str) -> str:
    call = f'"$(git rev-parse --git-common-dir)/zenml/hooks/{name}"'
    return (
        f"hook '{folder.path / name}' belongs to the project and was not changed; "
        f'this line in it calls zenrepo where that is installed: [ ! -x {call} ] || {call} "$@"'
    )


def _our_paths(folder: HookFolder) -> list[Path]:
    hooks = [HookFile(folder.path, name) for name in (*HOOKS, *FORMER)]
    return [folder.path / COMMON, *(hook.path for hook in hooks), *(hook.before for hook in hooks)]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say what a refused write means."""
    try:
        yield
    except OSError as error:
        raise ZenrepoError(
            f"cannot write git hooks in '{path}': {error.strerror}",
            f"make '{error.filename or path}' writable, or go without hooks: lookups catch up by themselves",
        ) from error
