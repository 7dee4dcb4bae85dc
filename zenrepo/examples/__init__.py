"""Complete examples on data that ships in packages: each a small repository to copy, which ends in a known number."""

from zenrepo.examples.catalogue import EXAMPLES, Example, Expected, find, missing
from zenrepo.examples.pull import pull
from zenrepo.examples.run import Outcome, run

__all__ = ["EXAMPLES", "Example", "Expected", "Outcome", "find", "missing", "pull", "run"]
