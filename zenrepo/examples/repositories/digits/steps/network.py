"""Our own network, in Keras."""

from zenrepo.steps import KerasTrainer


class ConvolutionalNetwork(KerasTrainer):
    """Looks at pictures through small windows."""

    def __init__(self, *, label, filters, **arguments):
        super().__init__(label=label, **arguments)
        self.filters = filters

    def model_fn(self, features, problem):
        """Make the model: ``features`` knows its inputs, ``problem`` its outputs."""
        import keras

        inputs = features.inputs()
        x = inputs["image"]
        for filters in self.filters:
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = keras.layers.MaxPooling2D()(x)
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        return keras.Model(inputs, keras.layers.Dense(problem.outputs, activation="softmax")(x))
