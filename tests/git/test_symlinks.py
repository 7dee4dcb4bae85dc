"""Symlinks inside a tree: imports go through them, so step versions do, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import GitRepository
from zenrepo.flows.lookup import steps_at, versions
from zenrepo.git.links import aliases, reached
from zenrepo.git.locate import locate
from zenrepo.sources.load import load

STEP = "from zenrepo.steps import TrainerStep\nfrom {module} import N\nclass Step(TrainerStep):\n    n = N\n"


def linked(repository: GitRepository, links: dict[str, str], files: dict[str, str | bytes | None]) -> str:
    """Commit files and symlinks; give the commit."""
    for name, target in links.items():
        link = repository.path / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    repository.git("add", "--all")
    return repository.commit({".zenml/config.yaml": f"version: 1  # {str(repository.path)!a}\n", **files})


def digests(repository: GitRepository) -> list[str]:
    """Give the code digest of each version of the step, oldest first."""
    return [v.row.code_digest for v in versions(locate(repository.path), "steps.step.Step")][::-1]


def ran(repository: GitRepository, code: str) -> str:
    """Run code in the working tree, as Python itself imports it."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    return subprocess.run(command, cwd=repository.path, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("links", "module", "file"),
    [
        ({"lib/n.py": "../common/n.py"}, "lib.n", "common/n.py"),
        ({"lib": "common"}, "lib.n", "common/n.py"),
        ({"lib/deep": "../common"}, "lib.deep.sub.n", "common/sub/n.py"),
        ({"lib": "between", "between": "common"}, "lib.n", "common/n.py"),
        ({"lib/sub": "../common", "common/n.py": "../real.py"}, "lib.sub.n", "real.py"),
        ({"lib": "common", "common/again": "../lib"}, "lib.n", "common/n.py"),
        ({"lib/me": ".."}, "lib.me.common.n", "common/n.py"),
        ({"lib/__init__.py": "../common/n.py"}, "lib", "common/n.py"),
    ],
)
def test_a_helper_behind_a_link_makes_versions(
    repository: GitRepository, links: dict[str, str], module: str, file: str
) -> None:
    """An edit of the file that a link leads to is a new version; each is loaded as Python imported it then."""
    one = linked(repository, links, {file: "N = 1\n", "steps/step.py": STEP.format(module=module)})
    ran_then = ran(repository, "import steps.step; print(steps.step.Step.n)")
    two = repository.commit({file: "N = 2\n"}, "two")
    repository.commit({file: "N = 2  # the same\n"}, "comment")
    repository.commit({"unrelated.py": "N = 3\n"}, "unrelated")

    assert len(digests(repository)) == 2
    assert ran_then == "1"
    assert [load(f"steps.step.Step@{sha}", repository.path).n for sha in (one, two)] == [1, 2]
    assert versions(locate(repository.path), "steps.step.Step")[0].row.change == f"helper {file}"


def test_a_link_that_leads_elsewhere_makes_a_version(repository: GitRepository) -> None:
    """The link itself counts: what it pointed to then is loaded."""
    files: dict[str, str | bytes | None] = {"a.py": "N = 1\n", "b.py": "N = 2\n"}
    one = linked(repository, {"lib.py": "a.py"}, {**files, "steps/step.py": STEP.format(module="lib")})
    digests(repository)
    two = linked(repository, {"lib.py": "b.py"}, {})
    (repository.path / "lib.py").unlink()
    three = linked(repository, {}, {"lib.py": "N = 2\n"})

    assert len(digests(repository)) == 2
    assert [load(f"steps.step.Step@{sha}", repository.path).n for sha in (one, two, three)] == [1, 2, 2]


def test_a_step_behind_a_link_has_the_type_that_it_is_imported_by(repository: GitRepository) -> None:
    """A package that a source root borrows by a link is a package of that root."""
    config = "version: 1\nsource_roots: [src]\n"
    linked(
        repository, {"src/pkg": "../python"}, {"python/step.py": STEP.format(module="pkg.n"), "python/n.py": "N = 1\n"}
    )
    sha = repository.commit({".zenml/config.yaml": config})

    assert sorted(steps_at(locate(repository.path))) == ["pkg.step.Step"]
    assert load(f"pkg.step.Step@{sha}", repository.path).n == 1


def test_settings_behind_a_link_are_no_settings(repository: GitRepository) -> None:
    """Look-ups and pins agree on the names of modules."""
    linked(repository, {}, {"settings.yaml": "version: 1\nsource_roots: [src]\n", "src/a.py": "N = 1\n"})
    (repository.path / ".zenml/config.yaml").unlink()
    (repository.path / ".zenml/config.yaml").symlink_to("../settings.yaml")
    repository.git("add", "--all")
    sha = repository.commit({"src/step.py": STEP.format(module="src.a")})

    assert sorted(steps_at(locate(repository.path))) == ["src.step.Step"]
    assert load(f"src.step.Step@{sha}", repository.path).n == 1


def test_a_link_to_a_name_that_is_no_text_leads_nowhere(repository: GitRepository) -> None:
    """What cannot be written down is no file of a version, and hides no other."""
    repository.write("\udce9.py", "N = 1\n")
    linked(repository, {"odd.py": "\udce9.py"}, {"n.py": "N = 1\n", "steps/step.py": STEP.format(module="n")})

    assert sorted(steps_at(locate(repository.path))) == ["steps.step.Step"]


def test_a_link_that_leaves_the_tree_is_never_followed(repository: GitRepository, tmp_path: Path) -> None:
    """The module behind it is not the repository's: no version depends on it, and no pin loads it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "step.py").write_text(STEP.format(module="os") + "OUTSIDE = 1\n")
    links = {"up": "../outside", "whole": str(tmp_path / "outside"), "one.py": "../outside/step.py", "dead": "nowhere"}
    linked(repository, links, {"n.py": "N = 1\n", "steps/step.py": STEP.format(module="n")})

    assert sorted(steps_at(locate(repository.path))) == ["steps.step.Step"]


def test_circles_end() -> None:
    """Folders that link to each other are entered once on each way, and a link to itself leads nowhere."""
    files = ["a/x.py", "a/b", "b/y.py", "b/a", "b/self", "me"]
    targets = {"a/b": "../b", "b/a": "../a", "b/self": ".", "me": "me"}
    found = reached(files, targets)

    assert found["a/b/y.py"] == "b/y.py"
    assert found["a/b/a/x.py"] == "a/x.py"
    assert found["b/self/y.py"] == "b/y.py"
    assert not any(name.startswith(("me", "b/self/self", "a/b/a/b")) for name in found)


def test_a_web_of_links_is_not_walked_for_ever() -> None:
    """Each of many folders links to all others; the look ends."""
    names = [f"d{number}" for number in range(30)]
    targets = {f"{a}/{b}": f"../{b}" for a in names for b in names if a != b}
    files = [*targets, *(f"{name}/x.py" for name in names)]

    assert reached(files, targets)["d0/d1/x.py"] == "d1/x.py"


FILES = ["a/x.py", "a/y/z.py", "b/y.py", "top.py"]


@given(
    st.dictionaries(
        st.sampled_from(["l", "a/l", "b/m", "b/y/n", "c"]),
        st.sampled_from(
            ["a", "b", "../a", "../b", "../a/y", "a/y", "..", ".", "../a/x.py", "a/x.py", "../l", "c", "/a"]
        ),
    )
)
def test_a_file_has_every_name_by_which_it_is_reached(targets: dict[str, str]) -> None:
    """The names of one file are those under which a listing of the whole tree has it."""
    names = reached([*FILES, *targets], targets)

    for file in FILES:
        assert {name for name, goal in names.items() if goal == file} <= set(aliases([file], targets))


def test_a_name_through_a_web_of_links_is_found_soon() -> None:
    """Each of many folders links to all others; the look ends."""
    names = [f"d{number}" for number in range(30)]
    targets = {f"{a}/{b}": f"../{b}" for a in names for b in names if a != b}

    assert "d0/d1/x.py" in aliases(["d1/x.py"], targets)
    assert aliases(["d1/x.py"], {}) == []
