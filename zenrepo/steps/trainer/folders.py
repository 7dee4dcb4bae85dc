"""Where a trainer finds its folders beside TFX's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenrepo.steps.interfaces.trainer import CHECKPOINTS

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs


def checkpoint_folder(fn_args: FnArgs) -> str:
    """Give the folder that outlives a failure of the step; empty outside of a run."""
    return str((fn_args.custom_config or {}).get(CHECKPOINTS, ""))
