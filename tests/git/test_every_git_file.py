"""Whatever is committed, the step versions are those of the Python files in it."""

from __future__ import annotations

import pytest

from tests.conftest import GitRepository
from tests.git.conftest import BOTH, STEP, answers, project_of
from zenrepo.errors import PinError
from zenrepo.flows.lookup import steps_at, versions
from zenrepo.git import history
from zenrepo.git.locate import locate
from zenrepo.sources.load import load

ODD = [
    "a b.py",
    "ü.py",
    "line\nbreak.py",
    "tab\t.py",
    'quote".py',
    "-dash.py",
    "back\\slash.py",
    "\x01.py",
    "\x02 x",
    "\udce9.py",
]


def test_names_of_every_kind_are_passed_by_or_read(repository: GitRepository) -> None:
    """A file whose name is no module's is no step; a name with letters of any script is one."""
    project_of(repository)
    repository.commit(dict.fromkeys(ODD, STEP), "odd")
    found = versions(locate(repository.path))

    assert sorted(v.row.type for v in found if v.row.subject == "odd") == ["ü.Step"]
    assert load("ü.Step@HEAD", repository.path).n == 2
    repository.commit(dict.fromkeys(ODD), "gone")
    assert answers(repository.path)[1:] != []
    assert sorted(steps_at(locate(repository.path))) == ["steps.step.Step"]


@pytest.mark.parametrize("text", ["\x01", "\x02\x02", "\x1b[31mred", "a\rb", "ü \u202e", "%H", "\x01" * 3 + "x"])
def test_what_people_write_does_not_matter(repository: GitRepository, text: str) -> None:
    """Subjects and names of authors with control characters are kept as they are and confuse nothing."""
    project_of(repository)
    repository.write("lib/helper.py", "N = 3\n")
    repository.git("commit", "--quiet", "-am", f"three {text} x", GIT_AUTHOR_NAME=f"A{text}b")
    newest = versions(locate(repository.path))[0]

    assert newest.current
    assert newest.row.subject.startswith("three")
    assert newest.row.subject.endswith("x")
    assert newest.row.author.startswith("A")
    assert load(f"steps.step.Step@{newest.row.commit}", repository.path).n == 3


def test_bytes_that_are_no_text_are_read(repository: GitRepository) -> None:
    """A message in an encoding of its own, or in none, is shown as well as it can be."""
    project_of(repository)
    repository.write("lib/helper.py", "N = 3\n")
    repository.git("-c", "i18n.commitEncoding=latin-1", "commit", "--quiet", "-am", "caf\udce9")

    assert versions(locate(repository.path))[0].row.subject == "café"


def test_a_name_that_changes_only_its_case_is_another_module(repository: GitRepository) -> None:
    """The types of both names are there, each at its commits."""
    project_of(repository)
    repository.git("mv", "steps/step.py", "steps/other")
    repository.git("mv", "steps/other", "steps/Step.py")
    repository.commit({}, "case")

    assert sorted(steps_at(locate(repository.path))) == ["steps.Step.Step"]
    assert sorted(steps_at(locate(repository.path), "HEAD~1")) == ["steps.step.Step"]
    assert load("steps.Step.Step@HEAD", repository.path).n == 2
    with pytest.raises(PinError, match=r"no step type 'steps\.step\.Step'"):
        load("steps.step.Step@HEAD", repository.path)


def test_a_file_that_becomes_a_link_or_a_submodule_is_what_an_import_finds(repository: GitRepository) -> None:
    """A symlink to a module is a module, a submodule is nothing, and what was there before stays loadable."""
    project_of(repository)
    repository.commit({"more.py": STEP, "deep/more.py": STEP}, "more")
    (repository.path / "more.py").unlink()
    (repository.path / "more.py").symlink_to("steps/step.py")
    repository.git("add", "more.py")
    repository.git("rm", "-r", "--quiet", "--cached", "deep")
    head = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},deep")
    repository.commit({}, "links")

    assert sorted(steps_at(locate(repository.path))) == ["more.Step", "steps.step.Step"]
    assert [load(f"{module}.Step@HEAD~1", repository.path).n for module in ("more", "deep.more")] == [2, 2]


def test_line_ends_make_no_version(repository: GitRepository) -> None:
    """A step committed with CRLF, by hand or through ``core.autocrlf``, has the code digest that it had."""
    project_of(repository)
    digest = steps_at(locate(repository.path))["steps.step.Step"].code_digest
    repository.commit({"steps/step.py": STEP.replace("\n", "\r\n"), "lib/helper.py": "N = 2\r\n"}, "crlf")
    committed = steps_at(locate(repository.path))["steps.step.Step"].code_digest
    repository.git("config", "core.autocrlf", "true")
    repository.commit({"steps/step.py": STEP.replace("\n", "\r\n") + "\r\n", "lib/helper.py": "N = 2\r\n"}, "auto")

    assert committed == steps_at(locate(repository.path))["steps.step.Step"].code_digest == digest
    assert answers(repository.path) == BOTH


def test_other_text_is_no_python(repository: GitRepository) -> None:
    """Binary files, merge markers, NUL bytes, bad encodings and deep nesting with a Python name hide no other step."""
    project_of(repository)
    texts: dict[str, str | bytes | None] = {
        "binary.py": bytes(range(256)),
        "merge.py": f"<<<<<<< HEAD\n{STEP}=======\n{STEP}>>>>>>> side\n",
        "nul.py": STEP + "x = '\0'\n",
        "coding.py": "# coding: no-such\n" + STEP,
        "latin.py": STEP.encode() + "x = 'é'\n".encode("latin-1"),
        "nested.py": "class " * 3 + "(" * 5000,
        "empty.py": "",
    }
    repository.commit(texts, "noise")

    assert answers(repository.path) == BOTH


@pytest.mark.parametrize(
    "revision", ["-", "--all", "--output=pwned", "-h", "--exec-path", "HEAD\0", "", "..", "HEAD..HEAD~1"]
)
def test_a_revision_is_never_an_option(repository: GitRepository, revision: str) -> None:
    """What is no name of one commit names none."""
    project_of(repository)

    assert history.resolve(repository.path, revision) is None
    assert not (repository.path / "pwned").exists()
