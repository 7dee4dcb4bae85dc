"""SHA-256 as Python itself has it: `hashlib` takes it from OpenSSL, and loading that costs a hook two git processes."""

from __future__ import annotations

import sys

from zenrepo.values import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:  # a Python that was built without its own
        from hashlib import sha256

__all__ = ["sha256"]
