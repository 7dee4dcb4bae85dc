from __future__ import annotations

import os
import shutil

import pytest

from zenrepo.errors import NotARepository, ZenrepoError
from zenrepo.git.hooks import install, prove, status, uninstall


def everything_in(folder):
    """Return mode, kind and content of each file of a folder."""
    return {
        path.name: (path.lstat().st_mode, path.readlink() if path.is_symlink() else path.read_bytes())
        for path in sorted(folder.iterdir())
    }


def test_each_git_event_starts_zenrepo(repository, python, layout_of):
    """A commit, a merge and an amendment call zenrepo with git's own arguments."""
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})
    repository.git("checkout", "--quiet", "-b", "side")
    second = repository.commit({"a": "2"})
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "side")
    repository.git("commit", "--quiet", "--amend", "--message", "amended")

    assert python.calls() == [
        "post-commit",
        "post-commit",
        "post-merge 0",
        "post-commit",
        "post-rewrite amend",
    ]
    assert python.inputs()[-1] == f"{second} {repository.git('rev-parse', 'HEAD')}\n"


def test_zenrepo_never_fails_a_git_command(repository, python, layout_of):
    """What zenrepo ends with is not what git, or a tool that runs the hook, ends with."""
    install(layout_of(repository.path), str(python.path))

    done = repository.attempt("-c", "alias.h=!.git/hooks/post-merge", "h")

    assert done.returncode == 0
    assert python.calls() == ["post-merge"]


def test_a_hook_of_an_earlier_release_is_taken_out(repository, python, layout_of, hooks, add_hook):
    """Installing and uninstalling put back what stood in the place of ``post-checkout``."""
    add_hook(hooks / "post-checkout", "#!/bin/sh\n# zenrepo git hook: another commit was checked out.\n")
    add_hook(hooks / "post-checkout.zenrepo-chained", "#!/bin/sh\necho mine\n")

    install(layout_of(repository.path), str(python.path))

    assert (hooks / "post-checkout").read_text() == "#!/bin/sh\necho mine\n"
    assert not (hooks / "post-checkout.zenrepo-chained").exists()


def test_no_hooks_folder(repository, python, layout_of):
    """A repository made from a template without hooks gets the folder."""
    shutil.rmtree(repository.path / ".git" / "hooks", ignore_errors=True)

    notes = install(layout_of(repository.path), str(python.path))

    assert notes == []
    assert prove(layout_of(repository.path))


def test_installing_again_changes_nothing(repository, python, layout_of, hooks, add_hook):
    """Three installations leave what one leaves."""
    add_hook(hooks / "post-commit", "#!/bin/sh\necho mine\n")
    install(layout_of(repository.path), str(python.path))
    once = everything_in(hooks)

    install(layout_of(repository.path), str(python.path))
    install(layout_of(repository.path), str(python.path))

    assert everything_in(hooks) == once


def test_installing_again_takes_the_new_interpreter(repository, python, layout_of, hooks, tmp_path):
    """The interpreter of the last installation is the one that hooks start."""
    layout = layout_of(repository.path)
    install(layout, str(tmp_path / "gone" / "python"))

    install(layout, str(python.path))

    assert {state.interpreter for state in status(layout)} == {python.path}
    assert prove(layout)


def test_uninstalling_restores_every_byte(repository, python, layout_of, hooks, add_hook):
    """A script, a symbolic link, a binary file and one that is switched off are all as they were."""
    add_hook(hooks / "post-commit", "#!/bin/sh\necho mine\n").chmod(0o711)
    add_hook(repository.path / "tools" / "merged", "#!/bin/sh\n")
    (hooks / "post-merge").symlink_to("../../tools/merged")
    (hooks / "post-checkout").write_bytes(bytes(range(256)))
    shutil.copy("/bin/true", hooks / "post-rewrite")
    before = everything_in(hooks)

    install(layout_of(repository.path), str(python.path))
    notes = uninstall(layout_of(repository.path))

    assert notes == []
    assert everything_in(hooks) == before


def test_uninstalling_where_nothing_is_installed(repository, layout_of, hooks, add_hook):
    """Somebody's hooks are left alone."""
    add_hook(hooks / "post-commit", "#!/bin/sh\necho mine\n")
    before = everything_in(hooks)

    assert uninstall(layout_of(repository.path)) == []
    assert everything_in(hooks) == before


def test_uninstalled_hooks_do_not_fire(repository, python, layout_of, hooks):
    """After uninstalling, a commit is as if zenrepo had never been there."""
    layout = layout_of(repository.path)
    install(layout, str(python.path))
    uninstall(layout)

    repository.commit({"a": "1"})

    assert python.calls() == []
    assert list(hooks.iterdir()) == []
    assert not prove(layout)


@pytest.mark.parametrize("name", ["with spaces", 'it\'s $HOME "quoted"', "Käse und Brot"])
def test_any_folder_name(make_repository, python, layout_of, name):
    """Spaces, quotes and letters outside ASCII in the path of the repository are fine."""
    repository = make_repository(name)
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})

    assert python.calls() == ["post-commit"]
    assert prove(layout_of(repository.path))


def test_commit_in_a_subfolder(repository, python, layout_of):
    """A commit made from a subfolder fires, and a project in a subfolder installs for the whole clone."""
    repository.commit({"project/a": "1"})
    install(layout_of(repository.path / "project"), str(python.path))

    repository.git("-C", "project", "commit", "--quiet", "--allow-empty", "--message", "more")

    assert python.calls() == ["post-commit"]


def test_linked_worktree(repository, python, layout_of, tmp_path):
    """Installed from one worktree, hooks fire in all."""
    repository.commit({"a": "1"})
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "--quiet", str(linked))
    install(layout_of(linked), str(python.path))

    repository.git("-C", str(linked), "commit", "--quiet", "--allow-empty", "--message", "more")
    repository.commit({"a": "2"})

    assert python.calls() == ["post-commit", "post-commit"]
    assert prove(layout_of(linked))
    assert prove(layout_of(repository.path))


def test_submodule(make_repository, repository, python, layout_of):
    """In a submodule, hooks go where that keeps its own."""
    make_repository("library").commit({"a": "1"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../library")
    library = repository.path / "library"
    install(layout_of(library), str(python.path))

    repository.git("-C", "library", "commit", "--quiet", "--allow-empty", "--message", "more")
    repository.commit({})

    assert python.calls() == ["post-commit"]
    assert prove(layout_of(library))


def test_skipping(repository, python, layout_of, hooks, add_hook, tmp_path):
    """ZENREPO_SKIP=1 leaves zenrepo out and nothing else."""
    add_hook(hooks / "post-commit", f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    install(layout_of(repository.path), str(python.path))

    repository.git("commit", "--quiet", "--allow-empty", "--message", "more", ZENREPO_SKIP="1")

    assert python.calls() == []
    assert (tmp_path / "ran").exists()


def test_interpreter_gone(repository, python, layout_of):
    """A removed environment costs one line, not a commit."""
    layout = layout_of(repository.path)
    install(layout, str(python.path))
    python.path.unlink()

    done = repository.attempt("commit", "--allow-empty", "--quiet", "--message", "more")

    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"zenrepo: skipped, because '{python.path}' is gone (hint: run 'zenrepo hooks install' again)"
    ]
    assert not any(state.interpreter_present for state in status(layout))
    assert not prove(layout)


def test_git_without_a_path(repository, python, layout_of):
    """A graphical program may start git without any PATH."""
    install(layout_of(repository.path), str(python.path))
    program = python.path.read_text().replace("cat;", "/bin/cat;")
    python.path.write_text(program)
    git = shutil.which("git")

    repository.git("-c", f"alias.c=!env -u PATH {git} commit --allow-empty --quiet --message more", "c")

    assert python.calls() == ["post-commit"]


def test_hooks_turned_off(repository, layout_of):
    """Who points core.hooksPath at /dev/null wants no hooks, and gets none."""
    repository.git("config", "core.hooksPath", "/dev/null")

    notes = install(layout_of(repository.path))

    assert notes == ["hooks are turned off: core.hooksPath is '/dev/null'"]
    assert not prove(layout_of(repository.path))
    assert uninstall(layout_of(repository.path)) == []


def test_hooks_folder_that_is_a_file(repository, layout_of):
    """What stands in the way is named, with the way out."""
    (repository.path / "file").write_text("")
    repository.git("config", "core.hooksPath", "file")

    with pytest.raises(ZenrepoError, match=r"cannot write git hooks in '.*/file': File exists\nhint: make "):
        install(layout_of(repository.path))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_read_only_hooks_folder(repository, layout_of, hooks):
    """A folder that may not be written is named, with the way out."""
    hooks.chmod(0o555)

    with pytest.raises(ZenrepoError, match="Permission denied"):
        install(layout_of(repository.path))


def test_repository_gone(repository, layout_of):
    """A repository that is not there any more is no repository."""
    layout = layout_of(repository.path)
    shutil.rmtree(repository.path)

    with pytest.raises(NotARepository):
        install(layout)
