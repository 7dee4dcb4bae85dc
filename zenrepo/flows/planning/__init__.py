"""From a pipeline file at a commit, or at a captured working tree, to the plan of a run."""
