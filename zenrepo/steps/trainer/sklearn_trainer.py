"""SklearnTrainer: any estimator of scikit-learn.

scikit-learn is imported in the methods that run: this module is also imported where it is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import positive_whole, text
from zenrepo.steps.interfaces.trainer import TrainerStep
from zenrepo.steps.trainer.extra import need
from zenrepo.steps.trainer.network import check_class_weights

if TYPE_CHECKING:  # the annotations alone need it, and it costs seconds to import
    from tfx.components.trainer.fn_args_utils import FnArgs

    from zenrepo.steps.trainer.features import Features
    from zenrepo.steps.trainer.problem import Problem
    from zenrepo.steps.trainer.results import Tests


class SklearnTrainer(TrainerStep):
    """Trains a classifier or regressor of scikit-learn.

    All features are put side by side as one matrix in memory: numbers as they are, indices one-hot where there are at
    most ``one_hot`` of them, else as numbers. The problem follows from the label's values as for
    ``KerasFeedForwardTrainer``; a regressor takes any number as a value.

    The model is saved as ``model.joblib`` beside the transform; ``zenrepo.steps.trainer.load_model`` loads it, and
    predicts from features as they are before preprocessing. It cannot be served by TensorFlow Serving. Loading it runs
    code that is in the file: load none that you do not trust.

    Args:
        label: the feature to be predicted.
        estimator: the dotted path of the class, such as ``sklearn.ensemble.RandomForestClassifier``.
        params: the arguments of the class.
        class_weights: by class, how much an example of it counts; ``balanced`` for each class as much as any other.
        one_hot: of how many indices a feature may be that becomes one number for each.
    """

    def __init__(
        self,
        *,
        label: str,
        estimator: str = "sklearn.ensemble.HistGradientBoostingClassifier",
        params: dict[str, Any] | None = None,
        class_weights: Any = None,
        one_hot: int = 100,
    ) -> None:
        super().__init__()
        name = type(self).__qualname__
        text(name, "label", label)
        text(name, "estimator", estimator)
        positive_whole(name, "one_hot", one_hot)
        check_class_weights(name, class_weights)
        if not estimator.startswith("sklearn.") or not estimator.rpartition(".")[2][:1].isupper():
            raise StepArgumentError(
                name,
                f"estimator is {estimator!r}, which is no class of scikit-learn",
                "give its dotted path, such as 'sklearn.linear_model.LogisticRegression'",
            )
        if params is not None and not isinstance(params, dict):
            raise StepArgumentError(name, f"params is {params!r}, not a map")
        self.label, self.estimator, self.params = label, estimator, params or {}
        self.class_weights, self.one_hot = class_weights, one_hot

    def run_fn(self, fn_args: FnArgs) -> None:
        """Train on ``fn_args.train_files``, save the model and test it.

        Raises:
            StepFailed: if there is no such class, or it takes no such arguments; if the label is not there or has one
                value only, and if a prediction is not a number.
        """
        need("sklearn", type(self).__qualname__)
        from zenrepo.steps.trainer.sklearn_training import train

        train(self, fn_args)

    def input_fn(self, files: list[str], features: Features, *, training: bool) -> Any:
        """Read examples.

        Args:
            files: patterns of gzipped TFRecords of transformed examples.
            features: of the examples.
            training: whether the estimator is trained on them.

        Returns:
            A matrix of shape (examples, columns) and labels of shape (examples,).
        """
        from zenrepo.steps.trainer.sklearn_training import read

        return read(self, files, features)

    def model_fn(self, features: Features, problem: Problem) -> Any:
        """Make the estimator; override it for a pipeline or a search of your own.

        Args:
            features: what it is fed with.
            problem: what it is to predict.

        Returns:
            An estimator of scikit-learn that is not fitted.
        """
        from zenrepo.steps.trainer.sklearn_training import make

        return make(self.estimator, self.params)

    def test_fn(self, tests: Tests) -> None:
        """Write what the model says of every example of the splits to test on; override it to add to ``self.facts``."""
        tests.write()
