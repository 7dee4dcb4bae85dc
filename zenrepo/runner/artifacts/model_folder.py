"""Where in a Model artifact the model is."""

from __future__ import annotations

from pathlib import Path

SERVING = "Format-Serving"
"""TFX's name for the folder of what a trainer saves."""


def model_folder(uri: str) -> str:
    """Give the folder of the model that a trainer saved, or that was brought in from elsewhere.

    Args:
        uri: of a Model artifact.

    Returns:
        The folder that a trainer knows as ``serving_model_dir``.
    """
    return str(Path(uri, SERVING))
