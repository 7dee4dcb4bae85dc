from __future__ import annotations

import os
import shutil

from zenrepo import hook
from zenrepo.git.hooks import AT_WORK, PROOF, install, prove, status


def test_status_of_a_fresh_clone(repository, layout_of, hooks):
    """Before installing, nothing is there."""
    states = status(layout_of(repository.path))

    assert [state.name for state in states] == list(AT_WORK)
    assert not any(state.installed or state.ready or state.shadowed for state in states)


def test_status_names_what_runs_before(repository, python, layout_of, hooks, add_hook):
    """An installed hook is ready and knows the hook that stood there."""
    add_hook(hooks / "post-commit", "#!/bin/sh\n")
    install(layout_of(repository.path), str(python.path))

    commit, merge, *_ = status(layout_of(repository.path))

    assert commit.ready
    assert commit.before == hooks / "post-commit.zenrepo-chained"
    assert merge.before is None


def test_status_sees_a_lost_executable_bit(repository, python, layout_of, hooks):
    """A hook that git passes over is not ready, and proving says so."""
    install(layout_of(repository.path), str(python.path))
    (hooks / "post-merge").chmod(0o644)

    assert [state.ready for state in status(layout_of(repository.path))] == [True, False, True]
    assert not prove(layout_of(repository.path))


def test_proving_leaves_no_trace(repository, python, layout_of, hooks, add_hook, tmp_path):
    """Refs, index and reflog stay as they are, and no other hook runs."""
    repository.commit({"a": "1"})
    add_hook(hooks / "post-commit", f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    layout = layout_of(repository.path)
    install(layout, str(python.path))
    git = repository.path / ".git"
    files = {path: path.read_bytes() for path in git.rglob("*") if path.is_file()}

    assert prove(layout)
    assert {path: path.read_bytes() for path in git.rglob("*") if path.is_file()} == files
    assert python.calls() == []
    assert not (tmp_path / "ran").exists()


def test_proving_finds_an_interpreter_without_zenrepo(repository, layout_of):
    """That a file is there and executable is not enough."""
    layout = layout_of(repository.path)
    install(layout, "/bin/true")

    assert all(state.ready for state in status(layout))
    assert not prove(layout)


def test_proving_with_an_old_git(repository, python, layout_of, add_hook, tmp_path, monkeypatch):
    """Before 2.36, git has no command to run a hook."""
    install(layout_of(repository.path), str(python.path))
    refuse = "echo \"git: 'hook' is not a git command. See 'git --help'.\" >&2; exit 1"
    script = f'#!/bin/sh\n[ "$3" != hook ] || {{ {refuse}; }}\nexec {shutil.which("git")} "$@"\n'
    old = add_hook(tmp_path / "old" / "git", script)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")

    assert prove(layout_of(repository.path))


def test_proving_with_the_real_hook(repository, layout_of):
    """The variable that asks for proof is the one that zenrepo's own hook answers to."""
    install(layout_of(repository.path))

    assert hook.PROOF == PROOF
    assert prove(layout_of(repository.path))
