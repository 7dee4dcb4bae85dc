"""``python -m zenrepo.cli`` is ``zenrepo``."""

from zenrepo.cli import main

main()
