"""How wide the layers of our network are."""


def widths(measurements):
    """Halve the width from layer to layer, beginning with the number of measurements."""
    return [measurements, measurements // 2]
