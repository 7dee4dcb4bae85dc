"""Our own preprocessing: logarithms first, because areas spread over three powers of ten."""

import tensorflow as tf

from zenrepo.steps import StandardPreprocess


class LogMeasurements(StandardPreprocess):
    """Takes the logarithm of every measurement, then treats it as the standard does."""

    def preprocessing_fn(self, inputs):
        """Transform a batch."""
        logs = {name: tf.math.log1p(x) for name, x in inputs.items() if name != self.label}
        return super().preprocessing_fn({**logs, self.label: inputs[self.label]})
