"""However a repository keeps its objects, look-ups and pins give the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.git.conftest import BOTH, STEP, answers, project_of
from zenrepo.errors import NotARepository, PinError
from zenrepo.flows.lookup import versions
from zenrepo.git import hooks, objects
from zenrepo.git.locate import has_worktree, is_rebasing, locate
from zenrepo.git.objects import CommitFiles
from zenrepo.sources.load import load

Clone = Callable[..., GitRepository]


@pytest.fixture
def clone(repository: GitRepository, tmp_path: Path) -> Clone:
    """Clone the repository over git's protocol, with some options."""

    def make(*options: str, at: str = "clone") -> GitRepository:
        repository.git("config", "uploadpack.allowFilter", "true")
        repository.git("clone", "--quiet", *options, f"file://{repository.path}", str(tmp_path / at))
        return GitRepository(tmp_path / at)

    return make


def zenrepo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    command = [sys.executable, "-m", "zenrepo.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_a_bare_clone_answers(repository: GitRepository, clone: Clone) -> None:
    """Without a working tree the git folder stands for the repository: look-ups and pins work."""
    project_of(repository)
    bare = clone("--bare")
    layout = locate(bare.path / "refs")
    listed = zenrepo(bare.path, "steps", "--type", "steps.step.Step")

    assert answers(bare.path) == BOTH
    assert (layout.root, layout.common, has_worktree(layout)) == (bare.path, bare.path, False)
    assert not is_rebasing(layout)
    assert [line.split()[-1] for line in listed.stdout.splitlines()[1:]] == ["two", "one"]
    assert (
        zenrepo(bare.path, "steps", "--type", "steps.step.Step", "--show").stdout.splitlines()[1:5] == STEP.splitlines()
    )


def test_a_bare_clone_can_be_made_to_run_what_is_pushed(repository: GitRepository, clone: Clone) -> None:
    """Its hook is put in and its private folder made, and nothing that git would track; done twice it is the same."""
    project_of(repository)
    bare = clone("--bare")
    done = [zenrepo(bare.path, "init"), zenrepo(bare.path, "init")]

    assert [one.stdout for one in done] == [f"made {bare.path}/zenml\n", f"found {bare.path}/zenml\n"]
    assert not (bare.path / ".zenml").exists()
    assert [hook.name for hook in hooks.status(locate(bare.path)) if hook.installed] == ["post-receive"]
    assert hooks.prove(locate(bare.path))


def test_an_empty_bare_repository_can_be_made_to_run_what_is_pushed(tmp_path: Path) -> None:
    """The first push brings all that it needs."""
    bare = GitRepository(tmp_path / "bare.git")
    bare.path.mkdir()
    bare.git("init", "--quiet", "--bare")
    zenrepo(bare.path, "init")

    shown = zenrepo(bare.path, "status").stdout
    assert "no commit yet" in shown
    assert "hooks       installed" in shown


def test_a_bare_clone_tells_how_it_is(repository: GitRepository, clone: Clone) -> None:
    """Nothing can be unpinned where nothing can be edited."""
    project_of(repository)
    bare = clone("--bare")
    shown = zenrepo(bare.path, "status")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "hooks       not installed (zenrepo hooks install)" in shown.stdout
    assert "steps.step.Step  trainer" in shown.stdout


def test_a_bare_repository_without_a_project_says_so(repository: GitRepository, clone: Clone) -> None:
    """HEAD must hold ``.zenml/``, on whatever branch that is."""
    repository.commit({"file": "x"})
    bare = clone("--bare")
    with pytest.raises(NotARepository, match="HEAD of the bare git repository") as caught:
        locate(bare.path)

    assert "git symbolic-ref HEAD" in caught.value.hint


def test_a_bare_repository_that_git_refuses_is_an_error_in_gits_words(
    repository: GitRepository, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What git says is shown where zenrepo knows no better."""
    project_of(repository)
    bare = clone("--bare")
    for name, value in {"COUNT": "1", "KEY_0": "safe.bareRepository", "VALUE_0": "explicit"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    subprocess.run(["git", "config", "--global", "safe.bareRepository", "explicit"], check=True)

    with pytest.raises(NotARepository, match=r"git refuses '.*': cannot use bare repository"):
        locate(bare.path)


def test_a_shallow_clone_answers_for_what_it_has(repository: GitRepository, clone: Clone) -> None:
    """The oldest commit counts as the first; a pin beyond it says how to get it."""
    one, _ = project_of(repository)
    shallow = clone("--depth=1")

    assert answers(shallow.path) == BOTH[:1]
    with pytest.raises(PinError, match=f"no commit '{one}'") as caught:
        load(f"steps.step.Step@{one}", shallow.path)
    assert "git fetch --unshallow" in caught.value.hint


def test_a_clone_that_was_shallow_answers_for_all(repository: GitRepository, clone: Clone) -> None:
    """What ``git fetch --unshallow`` brings is there at the next look-up."""
    project_of(repository)
    shallow = clone("--depth=1")
    assert answers(shallow.path) == BOTH[:1]
    shallow.git("fetch", "--quiet", "--unshallow")

    assert answers(shallow.path) == BOTH


@pytest.mark.parametrize("leave_out", ["blob:none", "tree:0"])
def test_a_partial_clone_gets_what_it_needs(repository: GitRepository, clone: Clone, leave_out: str) -> None:
    """Objects that the clone left out are fetched when a look-up or a pin asks for them."""
    one, _ = project_of(repository)
    partial = clone(f"--filter={leave_out}", "--no-checkout")
    partial.write(".zenml/config.yaml", "version: 1\n")

    assert load(f"steps.step.Step@{one}", partial.path).n == 1
    assert answers(partial.path) == BOTH


def asked(trace: Path) -> int:
    """Count how often a remote was asked, in what git told of its processes."""
    events = map(json.loads, trace.read_text().splitlines())
    return sum(event["event"] == "cmd_name" and event["name"] == "upload-pack" for event in events)


def test_a_partial_clone_fetches_all_that_a_look_up_lacks_at_once(
    repository: GitRepository, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many files there are, it asks for the settings, the first commit and the rest; next time for nothing."""
    project_of(repository)
    repository.commit({f"lib/m{number}.py": f"class C{number}: pass\n" for number in range(30)}, "many")
    partial = clone("--filter=blob:none", "--no-checkout")
    partial.write(".zenml/config.yaml", "version: 1\n")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    found = versions(locate(partial.path))
    times = asked(trace)
    versions(locate(partial.path))

    assert [v.row.subject for v in found] == ["two", "one"]
    assert asked(trace) == times <= 3


def test_a_pin_in_a_partial_clone_fetches_its_modules_at_once(
    repository: GitRepository, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that imports many modules costs one round trip, without an index too."""
    names = [f"m{number}" for number in range(20)]
    modules = {f"lib/{name}.py": f"# {repository.path}\n{name.upper()} = 1\n" for name in names}
    step = "".join(f"from lib.{name} import {name.upper()}\n" for name in names) + STEP
    project_of(repository)
    sha = repository.commit({**modules, "steps/step.py": step}, "many")
    partial = clone("--filter=blob:none", "--no-checkout")
    partial.write(".zenml/config.yaml", "version: 1\n")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))

    assert load(f"steps.step.Step@{sha}", partial.path).n == 2
    assert asked(trace) <= 2


def test_a_partial_clone_without_its_remote_says_what_is_missing(repository: GitRepository, clone: Clone) -> None:
    """A pin whose file cannot be fetched is refused, and is honoured once the remote is back."""
    one, _ = project_of(repository)
    partial = clone("--filter=blob:none")
    repository.path.rename(repository.path.with_name("moved"))
    with pytest.raises(PinError, match="is not in this clone, and git cannot get it") as caught:
        load(f"steps.step.Step@{one}", partial.path)

    assert "git fetch" in caught.value.hint
    repository.path.with_name("moved").rename(repository.path)
    assert load(f"steps.step.Step@{one}", partial.path).n == 1


def test_a_missing_object_is_named(repository: GitRepository) -> None:
    """A damaged repository is no reason to load something else."""
    one, _ = project_of(repository)
    blob = repository.git("rev-parse", f"{one}:lib/helper.py")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(PinError, match=f"object '{blob}' is not in this clone"):
        load(f"steps.step.Step@{one}", repository.path)


def test_alternates_are_read(repository: GitRepository, clone: Clone, tmp_path: Path) -> None:
    """A clone that borrows its objects answers as the one that has them, over two steps as well."""
    project_of(repository)
    repository.git("clone", "--quiet", "--shared", ".", str(tmp_path / "shared"))
    GitRepository(tmp_path / "shared").git("clone", "--quiet", "--shared", ".", str(tmp_path / "again"))

    assert answers(tmp_path / "again") == BOTH
    assert not list((tmp_path / "again" / ".git" / "objects").glob("pack/*.pack"))


def test_packed_refs_and_packs_are_read(repository: GitRepository) -> None:
    """After ``git gc`` everything is where it was, for new look-ups and for modules that are loaded later."""
    one, two = project_of(repository)
    first = load(f"steps.step.Step@{one}", repository.path)
    repository.git("tag", "-a", "-m", "release", "v1", one)
    repository.git("gc", "--quiet", "--prune=now")
    repository.git("pack-refs", "--all")

    assert load("steps.step.Step@v1", repository.path) is first
    assert load(f"steps.step.Step@{two}", repository.path).n == 2
    assert answers(repository.path) == BOTH


def test_sha256_repositories_are_read(make_repository: Callable[[str], GitRepository]) -> None:
    """Ids of 64 digits work everywhere, packed or not."""
    repository = make_repository("long")
    repository.git("init", "--quiet", "--object-format=sha256", "again")
    long = GitRepository(repository.path / "again")
    one, _ = project_of(long)
    packed = answers(long.path)
    long.git("gc", "--quiet")

    assert packed == answers(long.path) == BOTH
    assert len(one) == 64
    assert (
        zenrepo(long.path, "steps", "--type", "steps.step.Step", "--version", one[:8]).stdout.rstrip().endswith("one")
    )


def test_a_format_that_dulwich_does_not_know_is_read_by_git(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git answers in the place of dulwich, symlinks and odd names included."""
    (repository.path / "link.py").symlink_to("lib/helper.py")
    repository.git("add", "link.py")
    one, _ = project_of(repository)
    repository.commit({"odd\n ü\t.txt": b"\0x"})

    def refuses(path: str) -> None:
        raise objects.UnsupportedExtension(path)

    names = CommitFiles(repository.path / ".git", repository.git("rev-parse", "HEAD")).names("")
    monkeypatch.setattr(objects, "Repo", refuses)
    git = CommitFiles(repository.path / ".git", repository.git("rev-parse", "HEAD"))

    assert git.names("") == names
    assert [git.read(p) for p in ("odd\n ü\t.txt", "link.py", "gone", "lib")] == [b"\0x", b"N = 2\n", None, None]
    assert load(f"steps.step.Step@{one}", repository.path).n == 1


def test_a_replaced_commit_is_replaced_everywhere(repository: GitRepository) -> None:
    """``git replace`` counts for the index and for pins alike."""
    one, two = project_of(repository)
    third = repository.commit({"lib/helper.py": "N = 3\n"}, "three")
    repository.git("reset", "--quiet", "--hard", two)
    repository.git("replace", two, third)
    repository.git("replace", "--graft", third, one)

    assert [n for *_, n in answers(repository.path)] == [3, 1]
