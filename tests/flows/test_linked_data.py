"""Data behind symlinks that git tracks: it is the commit's, as any other, and a change of it is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import GitRepository
from zenrepo.flows.answers.impact import impact
from zenrepo.flows.intake.ingest import ingest
from zenrepo.flows.planning.resolve import resolve
from zenrepo.git.locate import locate
from zenrepo.runs.journal import Journal
from zenrepo.runs.plan import Plan

PIPELINE = """version: 1
name: tea
kind: data
steps:
  data:
    type: zenrepo.steps.CSVDataStep
    args: {{path: {path}}}
"""


def linked(repository: GitRepository, path: str, folder: str = "") -> str:
    """Commit a pipeline that reads data behind links; ``folder`` is the project's, ``""`` or ending in ``/``."""
    links = {"data/b.csv": "../store/b.csv", "now": "data", "requirements.txt": "locks/one.txt"}
    for name, target in links.items():
        link = repository.path / folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    repository.git("add", "--all")
    files = {
        ".zenml/config.yaml": "version: 1\n",
        ".zenml/pipelines/tea.yaml": PIPELINE.format(path=path),
        "data/a.csv": "cups\n1\n",
        "store/b.csv": "cups\n2\n",
        "locks/one.txt": "numpy==1\n",
    }
    sha = repository.commit({f"{folder}{name}": text for name, text in files.items()})
    repository.trust(folder)
    return sha


def planned(repository: GitRepository, commit: str, folder: str = "") -> Plan:
    """Plan a run of a commit."""
    layout = locate(repository.path / folder)
    with Journal(layout.runs_db) as journal:
        return resolve(layout, journal.add("tea", commit, layout.root, "asked for"))


@pytest.mark.parametrize(
    ("path", "folder"),
    [(path, "") for path in ("data", "data/b.csv", "'data/*.csv'", "now", "now/b.csv", ".")]
    + [(path, "teas/") for path in ("now/b.csv", ".")],
)
def test_an_edit_of_what_a_link_leads_to_is_another_input(repository: GitRepository, path: str, folder: str) -> None:
    """It is read from the commit; the working tree is another thing."""
    one = linked(repository, path, folder)
    two = repository.commit({f"{folder}store/b.csv": "cups\n2\n3\n"})
    three = repository.commit({f"{folder}store/c.txt": "not of it\n"})
    repository.write(f"{folder}store/b.csv", "cups\n4\n")
    before, then, after = (planned(repository, sha, folder).steps[0].inputs for sha in (one, two, three))
    [(name, found)] = then.items()

    assert name == path.strip("'")
    assert before[name].digest != found.digest
    assert (after[name].digest == found.digest) == (path != ".")
    place = planned(repository, two, folder).checkout
    assert Path(place, "now/b.csv").read_text() == "cups\n2\n3\n"
    assert "/.git/" in found.path


@pytest.mark.parametrize("path", ["data", "data/b.csv", "now", "now/b.csv"])
def test_an_edit_of_what_a_link_leads_to_runs_the_pipeline(repository: GitRepository, path: str) -> None:
    """A hook sees it, and so does who asks beforehand; another file beside it changes nothing."""
    linked(repository, path)
    layout = locate(repository.path)
    ingest(layout)
    repository.commit({"store/b.csv": "cups\n5\n"})
    said = [one.pipeline for one in impact(layout, "HEAD").pipelines]
    came = ingest(layout)
    repository.commit({"store/c.csv": "cups\n5\n"})

    assert [(run.pipeline, run.reason) for run in came.runs] == [("tea", f"{path} changed")]
    assert said == ["tea"]
    assert ingest(layout).runs == []


def test_a_lock_file_behind_a_link_is_one(repository: GitRepository) -> None:
    """An upgrade in it makes results anew."""
    one = linked(repository, "data")
    two = repository.commit({"locks/one.txt": "numpy==2\n"})
    before, after = (planned(repository, sha).environment for sha in (one, two))

    assert list(before) == list(after) == ["requirements.txt"]
    assert before != after
