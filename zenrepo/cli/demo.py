"""``zenrepo demo``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from zenrepo.cli.output import lines
from zenrepo.demo import take_tour


def demo(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Where to make the repository.", show_default=False)
    ] = None,
) -> None:
    """Take a tour: a scratch repository, two commits, two runs on real data, and a prediction."""
    take_tour(folder or Path(tempfile.mkdtemp(prefix="zenrepo-demo-")), lambda text: typer.echo(lines(text)))
