"""How the vocabulary of a feature is named, so that a trainer finds what a preprocesser computed."""

from __future__ import annotations

import re


def vocabulary_name(feature: str) -> str:
    """Name the vocabulary of a feature.

    Args:
        feature: any text.

    Returns:
        A name of letters, digits and underscores that no other feature has.
    """
    return re.sub(r"[^A-Za-z0-9]", lambda sign: f"_{ord(sign[0]):x}_", feature)
