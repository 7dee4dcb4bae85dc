"""zenrepo: a Git-native repository manager for machine-learning pipelines, with a metadata store."""

__version__ = "0.1.0"
