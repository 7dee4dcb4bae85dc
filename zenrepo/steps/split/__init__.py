"""Steps that divide examples among splits."""

from zenrepo.steps.split.by_chance import RandomSplit

__all__ = ["RandomSplit"]
