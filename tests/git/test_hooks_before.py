from __future__ import annotations

import shutil
import sys

import pytest

from zenrepo.git.hooks import install, prove, status, uninstall


@pytest.fixture
def seen(tmp_path):
    """Return the file in which the hooks of these tests note what they see."""
    return tmp_path / "seen"


def test_shell_hook_runs_first(repository, python, layout_of, hooks, add_hook, seen):
    """The hook that was there runs, and then zenrepo does."""
    add_hook(hooks / "post-commit", f"#!/bin/sh\ntest ! -e '{python.log}' && echo first >'{seen}'\n")
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})

    assert seen.read_text() == "first\n"
    assert python.calls() == ["post-commit"]


def test_python_hook_reads_the_same_input(repository, python, layout_of, hooks, add_hook, seen):
    """Both read every byte that git writes to a post-rewrite hook, and get its argument."""
    script = f"import sys; open({str(seen)!r}, 'w').write(sys.argv[1] + '\\n' + sys.stdin.read())"
    add_hook(hooks / "post-rewrite", f"#!{sys.executable}\n{script}\n")
    install(layout_of(repository.path), str(python.path))
    old = repository.commit({"a": "1"})

    repository.git("commit", "--quiet", "--amend", "--message", "amended")

    rewritten = f"{old} {repository.git('rev-parse', 'HEAD')}\n"
    assert seen.read_text() == f"amend\n{rewritten}"
    assert python.inputs()[-1] == rewritten


def test_hook_that_does_not_read_its_input(repository, python, layout_of, hooks, add_hook):
    """Zenrepo reads it all the same, however much there is, and nobody complains."""
    add_hook(hooks / "post-rewrite", "#!/bin/sh\nexit 0\n")
    install(layout_of(repository.path), str(python.path))
    lines = "".join(f"{number:040} {number:040}\n" for number in range(5000))
    (repository.path / "lines").write_text(lines)

    done = repository.attempt("-c", "alias.h=!.git/hooks/post-rewrite rebase <lines", "h")

    assert done.stderr == ""
    assert python.inputs() == [lines]


def test_exit_code_is_kept(repository, python, layout_of, hooks, add_hook):
    """The hook ends with the code of the one that was there, and zenrepo runs all the same."""
    add_hook(hooks / "post-merge", "#!/bin/sh\nexit 7\n")
    install(layout_of(repository.path), str(python.path))

    done = repository.attempt("-c", "alias.h=!.git/hooks/post-merge", "h")

    assert done.returncode == 7
    assert len(python.calls()) == 1


def test_binary_hook(repository, python, layout_of, hooks):
    """A compiled program is a hook like any other."""
    shutil.copy("/bin/false", hooks / "post-merge")
    install(layout_of(repository.path), str(python.path))

    assert repository.attempt("-c", "alias.h=!.git/hooks/post-merge", "h").returncode == 1


def test_switched_off_hook_stays_off(repository, python, layout_of, hooks, seen):
    """A file that is not executable never ran, and does not now."""
    (hooks / "post-commit").write_text(f"#!/bin/sh\ntouch '{seen}'\n")
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})

    assert not seen.exists()
    assert python.calls() == ["post-commit"]


def test_linked_hook(repository, python, layout_of, hooks, add_hook, seen):
    """A symbolic link, relative to the hooks folder, still leads to its script."""
    add_hook(repository.path / "tools" / "hook", f"#!/bin/sh\ntouch '{seen}'\n")
    (hooks / "post-commit").symlink_to("../../tools/hook")
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})

    assert seen.exists()
    assert (hooks / "post-commit.zenrepo-chained").is_symlink()


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/sh -e", "/usr/bin/env bash"])
def test_script_that_asks_its_name(repository, python, layout_of, hooks, add_hook, seen, shell):
    """One script under many names, which reads others beside it, finds both its name and its folder."""
    (hooks / "shared").write_text(f'echo "$(basename "$0") $*" >>"{seen}"\n')
    dispatcher = add_hook(hooks / "dispatch", f'#!{shell}\n. "$(dirname "$0")/shared"\nexit 7\n')
    (hooks / "post-merge").symlink_to(dispatcher.name)
    install(layout_of(repository.path), str(python.path))

    done = repository.attempt("-c", "alias.h=!.git/hooks/post-merge old new 1", "h")

    assert seen.read_text() == "post-merge old new 1\n"
    assert done.returncode == 7


def test_script_that_starts_itself_with_another_program(repository, python, layout_of, hooks, add_hook, seen):
    """A script in two languages at once is run as the file that it is."""
    script = f"import sys; open({str(seen)!r}, 'w').write('python')"
    both = f"#!/bin/sh\n'''exec' '{sys.executable}' \"$0\" # basename\n'''\n{script}\n"
    add_hook(hooks / "post-commit", both)
    install(layout_of(repository.path), str(python.path))

    repository.commit({"a": "1"})

    assert seen.read_text() == "python"


def test_environment_of_the_hook_is_untouched(repository, python, layout_of, hooks, add_hook, seen):
    """The hook that was there sees git's variables, and none of zenrepo's."""
    add_hook(hooks / "post-commit", f"#!/bin/sh\nenv >'{seen}'\n")
    repository.commit({})
    before = seen.read_text()
    install(layout_of(repository.path), str(python.path))

    repository.commit({})

    names = [{line.partition("=")[0] for line in text.splitlines()} for text in (before, seen.read_text())]
    assert names[0] == names[1]


def test_tool_that_overwrites_zenrepo(repository, python, layout_of, hooks, add_hook, seen):
    """Installing again brings zenrepo back beside the tool, keeps the first hook, and says so."""
    layout = layout_of(repository.path)
    first = "#!/bin/sh\necho first\n"
    add_hook(hooks / "post-commit", first)
    install(layout, str(python.path))
    add_hook(hooks / "post-commit", f"#!/bin/sh\ntouch '{seen}'\n")
    assert not status(layout)[0].installed

    notes = install(layout, str(python.path))
    repository.commit({"a": "1"})

    kept = hooks / "post-commit.zenrepo-chained.1"
    assert kept.read_text() == first
    assert notes == [
        f"another tool replaced hook 'post-commit'; the one before it is kept as '{kept}' and does not run"
    ]
    assert seen.exists()
    assert prove(layout)


def test_uninstalling_after_a_tool_overwrote_zenrepo(repository, python, layout_of, hooks, add_hook):
    """Neither the tool's hook nor the first one is lost."""
    layout = layout_of(repository.path)
    add_hook(hooks / "post-commit", "#!/bin/sh\necho first\n")
    install(layout, str(python.path))
    add_hook(hooks / "post-commit", "#!/bin/sh\necho tool\n")

    notes = uninstall(layout)

    kept = hooks / "post-commit.zenrepo-chained"
    assert notes == [f"hook '{hooks / 'post-commit'}' was replaced by another tool; the one before it is '{kept}'"]
    assert (hooks / "post-commit").read_text() == "#!/bin/sh\necho tool\n"
    assert kept.exists()
