"""StandardPreprocess: sane treatment of every feature by its type, and any other as data.

TensorFlow is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError, StepFailed
from zenrepo.steps.checks import known_feature, positive_whole, text, texts
from zenrepo.steps.interfaces.preprocess import PreprocessStep
from zenrepo.steps.preprocess.methods import NUMBER, TEXT, Treatment
from zenrepo.steps.preprocess.treatments import read, read_default
from zenrepo.steps.vocabulary import vocabulary_name

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    import tensorflow as tf


class StandardPreprocess(PreprocessStep):
    """Makes every feature ready for a model by its type; each keeps its name.

    * A numeric feature is scaled to mean 0 and variance 1; a missing value becomes the mean. A list of numbers is
      scaled as a whole. All features of one treatment are analyzed together, which costs as much as one.
    * A string feature becomes the index of its value in the vocabulary of the training data, most frequent first. What
      is not in the vocabulary, a missing value too, has the index after the last. Where the number of strings differs
      from example to example, they become a bag of words.
    * The label is passed through as it is; a string label becomes its index in the label's vocabulary.

    Args:
        label: the feature to be predicted.
        features: the treatment of single features, by name: the name of a method, a map with ``method`` and its
            parameters, or a list of methods that follow each other. ``filling`` says what becomes of a missing value;
            ``from`` makes a further feature from one that there is.
        numbers: the treatment of all other numeric features.
        texts: the treatment of all other string features.
        exclude: features to leave out.
        vocabulary_size: how many values of a string feature are told apart, where its treatment does not say.
    """

    def __init__(
        self,
        *,
        label: str,
        features: dict[str, Any] | None = None,
        numbers: Any = "scale_to_z_score",
        texts: Any = "vocabulary",
        exclude: list[str] | None = None,
        vocabulary_size: int = 1000,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "label", label)
        _check_names(name, label, features, exclude)
        positive_whole(name, "vocabulary_size", vocabulary_size)
        self.label = label
        self.exclude = exclude or []
        self.vocabulary_size = vocabulary_size
        self.treatments = {feature: read(name, feature, value) for feature, value in (features or {}).items()}
        self._numbers = read_default(name, "numbers", numbers, NUMBER)
        self._texts = read_default(name, "texts", texts, TEXT)

    def preprocessing_fn(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transform a batch.

        Args:
            inputs: by feature, dense tensors of shape (batch, n), or sparse ones where some examples have no value.

        Returns:
            By feature, dense tensors of shape (batch, …): float32 for numbers, int64 for indices.

        Raises:
            StepFailed: for a feature that is not there or that its treatment does not fit, and a label that some
                examples do not have.
        """
        from zenrepo.steps.preprocess.transform import transform

        known_feature("label", self.label, inputs)
        treatments = self._all_treatments(inputs)
        outputs = {self.label: self._label(inputs[self.label])}
        return outputs | transform(treatments, inputs, self.many_valued, self.vocabulary_size)

    def _all_treatments(self, inputs: dict[str, tf.Tensor]) -> dict[str, Treatment]:
        """Say of every output how it is made."""
        for name in self.exclude:
            known_feature("feature", name, inputs)
        for name, treatment in self.treatments.items():
            known_feature("feature", treatment.source, inputs)
            if treatment.source != name and name in inputs:
                raise StepFailed(
                    f"'{name}', which is to be made from '{treatment.source}', is a feature itself", "name it otherwise"
                )
        rest = [n for n in inputs if n != self.label and n not in self.exclude and n not in self.treatments]
        found = {name: self._default(name, inputs[name], None) for name in rest}
        for name, treatment in self.treatments.items():
            source = treatment.source
            found[name] = treatment if treatment.calls else self._default(source, inputs[source], treatment)
        found = {name: treatment for name, treatment in found.items() if treatment.calls[0].method != "drop"}
        if not found:
            raise StepFailed(f"no feature is left beside the label '{self.label}'", "exclude or drop fewer of them")
        return dict(sorted(found.items()))

    def _default(self, name: str, values: tf.Tensor, given: Treatment | None) -> Treatment:
        """Treat a feature by its type, with the filling that was given."""
        import tensorflow as tf

        default = self._numbers
        if values.dtype == tf.string:
            default = _BAG if name in self.many_valued and self._texts == _TEXTS else self._texts
        filling = given.filling if given and given.filling else default.filling
        return Treatment(name, default.calls, filling)

    def _label(self, label: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf
        import tensorflow_transform as tft

        if isinstance(label, tf.SparseTensor):
            raise StepFailed(
                f"the label '{self.label}' has no value, or several, in some examples",
                "leave those examples out",
            )
        if label.dtype != tf.string:
            return label
        return tft.compute_and_apply_vocabulary(label, vocab_filename=vocabulary_name(self.label))


_TEXTS = read("StandardPreprocess", "texts", "vocabulary")
_BAG = read("StandardPreprocess", "texts", "bag_of_words")


def _check_names(step: str, label: str, features: object, exclude: object) -> None:
    """Refuse features that are treated and excluded, and a label that is not left as it is."""
    texts(step, "exclude", [] if exclude is None else exclude)
    if features is not None and not isinstance(features, dict):
        raise StepArgumentError(step, f"features is {features!r}, not a map", "give a map from features to methods")
    excluded = exclude if isinstance(exclude, list) else []
    if label in excluded:
        raise StepArgumentError(step, f"exclude names the label '{label}'", "no model can be trained without it")
    for name in features or {}:
        if name == label:
            raise StepArgumentError(step, f"features names the label '{label}'", "the label is passed through as it is")
        if name in excluded:
            raise StepArgumentError(step, f"'{name}' is in features and in exclude", "leave one out")
