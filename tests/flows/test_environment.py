"""The lock of the environment: a library that changes is a reason to run again, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import GitRepository
from tests.flows.recorded_runs import NODES, Recorded
from zenrepo.errors import UsageError
from zenrepo.flows.answers.changes import Cause
from zenrepo.flows.answers.impact import impact
from zenrepo.flows.answers.libraries import packages
from zenrepo.flows.answers.why import difference, why
from zenrepo.flows.planning.environment import locks
from zenrepo.git import tree
from zenrepo.git.locate import locate

UV = """\
version = 1

[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "here" }

[[package]]
name = "scipy"
version = "1.11.0"
"""
PIP = {"numpy": "1.26.4", "Torch": "2.2"}


@pytest.fixture
def recorded(repository: GitRepository, tmp_path: Path) -> Recorded:
    """A pipeline that has run once, with a lock file beside it."""
    found = Recorded(repository, tmp_path / "artifacts")
    repository.commit({"uv.lock": UV})
    found.run()
    return found


def found(repository: GitRepository, wanted: list[str] | None = None) -> list[str]:
    """Name the lock files of HEAD."""
    layout = locate(repository.path)
    commit = repository.git("rev-parse", "HEAD")
    files = tree.files(layout.root, commit, under=layout.prefix)
    return sorted(locks(layout, commit, files, wanted))


def libraries(recorded: Recorded, step: str = "trainer") -> list[Cause]:
    """Give why a step of the second run ran."""
    recorded.run()
    [explained] = why(locate(recorded.git.path), 2, step)[1]
    return [cause for cause in explained.causes if cause.kind == "library"]


def test_well_known_locks_are_found_where_git_tracks_them(repository: GitRepository) -> None:
    """In the repository's folder, not in others."""
    repository.commit({"uv.lock": "", "requirements.txt": "", "docs/poetry.lock": "", "other.lock": ""})
    repository.write("pdm.lock", "")
    repository.write(".zenml/config.yaml", "version: 1\n")

    assert found(repository) == ["requirements.txt", "uv.lock"]
    assert found(repository, []) == []
    assert found(repository, ["*.lock"]) == ["other.lock", "uv.lock"]
    assert found(repository, ["**/*.lock"]) == ["docs/poetry.lock", "other.lock", "uv.lock"]


def test_a_lock_that_is_not_there_is_refused(repository: GitRepository) -> None:
    """A slip of the pen must not mean that nothing is watched."""
    commit = repository.commit({".zenml/config.yaml": "version: 1\n", "uv.lock": ""})

    with pytest.raises(UsageError, match=rf"names the lock file 'uv.lok' .* commit {commit[:12]} tracks none such"):
        found(repository, ["uv.lock", "uv.lok"])


def test_a_project_in_a_folder_has_the_lock_at_the_top_too(repository: GitRepository) -> None:
    """Where most keep the one of all their projects."""
    repository.commit({"team/a/.zenml/config.yaml": "version: 1\n", "uv.lock": "", "team/a/requirements.txt": ""})
    layout = locate(repository.path / "team" / "a")
    commit = repository.git("rev-parse", "HEAD")
    files = tree.files(layout.root, commit, under=layout.prefix)

    assert sorted(locks(layout, commit, files, None)) == ["../../uv.lock", "requirements.txt"]


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("numpy==1.26.4 \\\n    --hash=sha256:00\nTorch[cuda] == 2.2 ; python_version > '3'\n# a==1\n", PIP),
        (UV, {"numpy": "1.26.4", "scipy": "1.11.0"}),
        ('[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "a"\nversion = "2"\n', {"a": "1 or 2"}),
        ('{"_meta": {}, "default": {"numpy": {"version": "==1.26.4"}, "own": {"path": "."}}}', {"numpy": "1.26.4"}),
        ("package:\n- name: numpy\n  version: '1.26.4'\n  manager: conda\n", {"numpy": "1.26.4"}),
        ("{ no json", {}),
        ("\x00\xff", {}),
    ],
)
def test_versions_are_read_from_locks(text: str, versions: dict[str, str]) -> None:
    """In the formats of pip, uv, Poetry, PDM, Pipenv and conda-lock."""
    assert packages(text.encode("latin-1")) == versions


def test_a_changed_library_is_named(recorded: Recorded) -> None:
    """With both versions; those that came or went too."""
    recorded.git.commit({"uv.lock": UV.replace("1.26.4", "2.0.0").replace('"scipy"', '"pandas"')})

    [cause] = libraries(recorded)

    assert cause.text == "uv.lock: numpy==1.26.4 -> 2.0.0, pandas==1.11.0 is new, scipy==1.11.0 is gone"
    assert (cause.old["numpy"], cause.new["numpy"], cause.new["scipy"]) == ("1.26.4", "2.0.0", None)
    assert '+version = "2.0.0"' in difference(locate(recorded.git.path), cause)


def test_the_nodes_between_the_steps_run_in_the_environment_too(recorded: Recorded) -> None:
    """They are TFX's, which is a part of it."""
    recorded.git.commit({"uv.lock": UV.replace("1.26.4", "2.0.0")})

    assert [cause.text for cause in libraries(recorded, "statistics")] == ["uv.lock: numpy==1.26.4 -> 2.0.0"]


def test_a_lock_in_an_unknown_form_is_named_with_its_lines(recorded: Recorded) -> None:
    """And one that came or went, by its name."""
    recorded.git.commit({"uv.lock": UV + "# newer\n", "requirements.txt": "numpy>=1\n"})

    assert [cause.text for cause in libraries(recorded)] == ["uv.lock (+1 -0) changed", "requirements.txt is new"]


def test_many_libraries_are_counted(recorded: Recorded) -> None:
    """Three are named."""
    recorded.git.commit({"uv.lock": None, "requirements.txt": "".join(f"lib{n}==1\n" for n in range(9))})
    recorded.run()
    recorded.git.commit({"requirements.txt": "".join(f"lib{n}==2\n" for n in range(9))})
    recorded.run()

    [step] = why(locate(recorded.git.path), 3, "data")[1]

    assert step.causes[0].text == "requirements.txt: lib0==1 -> 2, lib1==1 -> 2, lib2==1 -> 2 and 6 more"


def test_impact_foresees_that_all_runs_again(recorded: Recorded) -> None:
    """Though the lock alone makes no commit run a pipeline."""
    recorded.git.commit({"uv.lock": UV.replace("1.26.4", "2.0.0")})

    [pipeline] = impact(locate(recorded.git.path), "HEAD", "p").pipelines

    assert not pipeline.runs
    assert [step.step for step in pipeline.steps if step.runs] == list(NODES)
    assert pipeline.steps[0].causes[0].text == "uv.lock: numpy==1.26.4 -> 2.0.0"


def test_an_unchanged_lock_changes_nothing(recorded: Recorded) -> None:
    """Nor does one that the settings leave out."""
    recorded.git.commit({"README.md": "more"})
    [pipeline] = impact(locate(recorded.git.path), "HEAD", "p").pipelines
    assert not any(step.runs for step in pipeline.steps)

    recorded.git.commit({".zenml/config.yaml": "version: 1\nenvironment: []\n"})
    recorded.run()
    recorded.git.commit({"uv.lock": ""})
    [pipeline] = impact(locate(recorded.git.path), "HEAD", "p").pipelines
    assert not any(step.runs for step in pipeline.steps)
