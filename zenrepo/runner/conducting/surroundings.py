"""What a run is executed with, for the record; of this, only lock files and zenrepo's release are in a cache key."""

from __future__ import annotations

import json
import platform
from importlib import metadata

from zenrepo import __version__
from zenrepo.runs.plan import Plan

LIBRARIES = ("tfx", "tensorflow", "apache-beam")


def surroundings(plan: Plan) -> dict[str, str]:
    """Describe the environment of this process.

    Args:
        plan: the run.

    Returns:
        ``release`` of zenrepo; ``python``, its version; the installed version of each of `LIBRARIES`, with ``_`` for
        ``-``, as far as it is there; and ``environment``, JSON of the digests of the lock files by path.
    """
    found = {"release": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        version = _installed(name)
        if version:
            found[name.replace("-", "_")] = version
    return found | {"environment": json.dumps(plan.environment, sort_keys=True)}


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
