"""Load every version of our trainer into this one process."""

from zenrepo.repo import Repository

repo = Repository.get_instance()
for version in sorted(repo.get_step_versions_by_type("steps.network.Network")):
    step = repo.get_step_by_version("steps.network.Network", version)
    print(version[:7], "has the layers", step.hidden_layers)
