"""Steps that make sequences of time series."""

from zenrepo.steps.sequencer.standard import StandardSequencer

__all__ = ["StandardSequencer"]
