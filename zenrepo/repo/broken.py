"""Files that cannot be read hide no other, and are warned of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from zenrepo.errors import PipelineFileError


class BrokenFileWarning(UserWarning):
    """A file of the repository cannot be read, and is left out of a listing."""


def warn_of_broken(broken: Mapping[str, PipelineFileError]) -> None:
    """Name the files that a listing leaves out, where the caller's caller asked for it."""
    for error in broken.values():
        warnings.warn(error.message, BrokenFileWarning, stacklevel=3)
