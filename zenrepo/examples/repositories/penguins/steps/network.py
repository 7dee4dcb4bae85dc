"""Our own network, in Keras."""

from zenrepo.steps import KerasTrainer


class SpeciesNetwork(KerasTrainer):
    """Looks at each measurement, island and sex, and says how likely each species is."""

    def __init__(self, *, label, width=32, **arguments):
        super().__init__(label=label, **arguments)
        self.width = width

    def model_fn(self, features, problem):
        """Make the model: ``features`` knows its inputs, ``problem`` its outputs."""
        import keras

        inputs = features.inputs()
        hidden = keras.layers.Dense(self.width, activation="relu")(keras.layers.Concatenate()(list(inputs.values())))
        return keras.Model(inputs, keras.layers.Dense(problem.outputs, activation="softmax")(hidden))
