"""Our own trainer: a standard one whose layers follow from the data."""

from steps.shape import widths
from zenrepo.steps import KerasFeedForwardTrainer


class Network(KerasFeedForwardTrainer):
    """A feed-forward network that is as wide as there are measurements."""

    def __init__(self, *, label, measurements, epochs=15):
        super().__init__(label=label, hidden_layers=widths(measurements), epochs=epochs)
