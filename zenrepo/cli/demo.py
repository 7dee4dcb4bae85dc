"""``zenrepo demo``."""

def demo() -> None:
    """x."""
