"""What the command line says of pipelines that run at set times."""

from __future__ import annotations

import json

from tests.cli.conftest import Zenrepo
from tests.conftest import GitRepository

PIPELINE = """\
version: 1
name: nightly
kind: custom
trigger:
  on: [tag, schedule]
  tags: [v*]
  schedule: 30 3 * * *
  timezone: UTC
steps:
  work:
    type: steps.work.Work
"""
NO_WORKER = "no worker stays to start it (zenrepo worker --stay)"


def test_it_is_said_when_a_pipeline_is_due(repository: GitRepository, zenrepo: Zenrepo) -> None:
    """And that a worker must stay to start it."""
    repository.commit({".zenml/config.yaml": "version: 1\n", ".zenml/pipelines/nightly.yaml": PIPELINE})
    shown = zenrepo(repository.path, "pipelines", "nightly")
    status = zenrepo(repository.path, "status").stdout
    [due] = json.loads(zenrepo(repository.path, "status", "--json").stdout)["due"]

    assert shown.stdout == PIPELINE
    assert shown.stderr == f"due: nightly at {due['said']}; {NO_WORKER}\n"
    assert due["said"].endswith("03:30 UTC")
    assert f"schedule    nightly at {due['said']}; {NO_WORKER}\n" in status
    assert "tag, schedule, tags v*, at 30 3 * * *" in zenrepo(repository.path, "pipelines").stdout
