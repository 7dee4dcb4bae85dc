"""``python -m zenrepo.cli`` is ``zenrepo``."""

from zenrepo.cli.app import main

main()
