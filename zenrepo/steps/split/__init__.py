"""Steps that divide examples among splits."""

from zenrepo.steps.split.by_category import CategoricalDomainSplit, CategoricalRatioSplit
from zenrepo.steps.split.by_chance import NoSplit, RandomSplit
from zenrepo.steps.split.by_key import GroupedSplit, HashSplit
from zenrepo.steps.split.by_time import TimeSplit
from zenrepo.steps.split.stratified import StratifiedSplit

__all__ = [
    "CategoricalDomainSplit",
    "CategoricalRatioSplit",
    "GroupedSplit",
    "HashSplit",
    "NoSplit",
    "RandomSplit",
    "StratifiedSplit",
    "TimeSplit",
]
