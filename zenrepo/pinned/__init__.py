"""Modules of a repository as they were at a commit: ``zenrepo.pinned.c<commit>.<module>``.

Every commit has a namespace of its own below this package, made from git objects, so that versions of one module live
side by side. Importing the package lets Python find what is below it, in any process: that is how a pickled step finds
its class again.
"""

from __future__ import annotations

import sys

from zenrepo.sources.finder import PinnedFinder, PinnedFolder

sys.meta_path.append(PinnedFinder())
sys.path_hooks.append(PinnedFolder)
