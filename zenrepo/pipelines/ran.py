"""What a pipeline says of its runs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from zenrepo.errors import RunFailed, UsageError
from zenrepo.flows.answers import results
from zenrepo.flows.ask import ask
from zenrepo.git.locate import locate
from zenrepo.layout import Layout
from zenrepo.pipelines import views
from zenrepo.pipelines.download import download, model_folder
from zenrepo.runs.journal import COMPLETE, Run


class Ran:
    """A pipeline as its runs in this clone know it.

    Every look takes the newest complete run, or the run whose number is given. A look at a run that failed shows what
    its steps made before.
    """

    _name: str
    _home: Path | None = None
    _last: Run | None = None

    def runs(self) -> list[Run]:
        """Give the pipeline's runs in this clone, newest first."""
        return results.runs(self._layout(), self._name)

    def get_status(self) -> str:
        """Give the state of the newest run.

        Returns:
            ``queued``, ``running``, ``complete``, ``failed`` or ``interrupted``; ``not run`` where there is none.
        """
        return results.status(self._layout(), self._name)

    def get_hyperparameters(self, run: int | Run | None = None) -> dict[str, dict[str, Any]]:
        """Give the arguments that a run made its steps with.

        Args:
            run: its number; the newest complete run by default, here as in all that follow.

        Returns:
            By step, the arguments by name.

        Raises:
            UsageError: if there is no such run of this pipeline; here as in all that follow.
            RunFailed: if no run is complete, or the one that this object has just made failed; likewise.
        """
        return results.hyperparameters(self._result(run))

    def artifacts(self, run: int | Run | None = None) -> dict[str, dict[str, str]]:
        """Give where the artifacts of a run are.

        Args:
            run: see `get_hyperparameters`.

        Returns:
            By step, the addresses by the name of the output.
        """
        found: dict[str, dict[str, str]] = {}
        for made in self._result(run).artifacts:
            found.setdefault(made.step, {})[made.name] = made.uri
        return found

    def get_model_uri(self, run: int | Run | None = None) -> str:
        """Give the folder of the model that a run trained, or worked with.

        Args:
            run: see `get_hyperparameters`.

        Returns:
            The folder that ``tf.saved_model.load`` takes, or what another trainer saved.

        Raises:
            UsageError: if no step of the run has to do with a model.
            ZenrepoError: if its files are gone.
        """
        return str(model_folder(self._result(run).artifact("model")))

    def download_model(self, folder: Path | str, run: int | Run | None = None) -> Path:
        """Copy the model that a run trained, whole or not at all.

        Args:
            folder: where to; it must be empty, or not be there.
            run: see `get_hyperparameters`.

        Returns:
            The folder.

        Raises:
            UsageError: if there is something in the folder, or no step of the run has to do with a model.
        """
        return download(model_folder(self._result(run).artifact("model")), Path(folder))

    def view_schema(self, run: int | Run | None = None) -> views.Schema:
        """Show the schema that a run found in its data.

        Args:
            run: see `get_hyperparameters`.

        Returns:
            By feature, its type, presence, values and domain.
        """
        return views.schema(ask("schema", uri=self._result(run).artifact("schema").uri))

    def view_statistics(self, run: int | Run | None = None, html: Path | str | None = None) -> views.Statistics:
        """Show the statistics of a run's data.

        Args:
            run: see `get_hyperparameters`.
            html: where to write TensorFlow Data Validation's page about them too. A browser that shows it fetches a
                script from the net.

        Returns:
            By split and feature, the statistics.
        """
        uri = self._result(run).artifact("statistics").uri
        if html is not None:
            page = Path(html).absolute()
            page.parent.mkdir(parents=True, exist_ok=True)
            ask("statistics page", uri=uri, html=str(page))
        return views.statistics(ask("statistics", uri=uri))

    def view_anomalies(self, run: int | Run | None = None) -> views.Anomalies:
        """Hold each split of a run's data against the schema that the split ``train`` gives, or the first split.

        Args:
            run: see `get_hyperparameters`.

        Returns:
            By split and feature, what TensorFlow Data Validation finds odd.
        """
        return views.anomalies(ask("anomalies", uri=self._result(run).artifact("statistics").uri))

    def evaluate(self, run: int | Run | None = None) -> views.Evaluation:
        """Show how good the model of a run is: what its evaluator measured.

        Args:
            run: see `get_hyperparameters`.

        Returns:
            The metrics of all examples and of each slice.

        Raises:
            UsageError: if the run has no evaluator.
        """
        return views.evaluation(results.evaluation(self._result(run)))

    def sample_transformed_data(
        self, n: int = 10, split: str = "train", run: int | Run | None = None
    ) -> list[dict[str, Any]]:
        """Give the first examples as the preprocess step left them.

        Args:
            n: how many, at the most.
            split: of which split.
            run: see `get_hyperparameters`.

        Returns:
            For each example, the values by feature: a list where an example has several, ``None`` where one has none.

        Raises:
            UsageError: if there is no such split, or the run has no preprocess step.
        """
        _refuse_no_count(n)
        uri = self._result(run).artifact("transformed_examples").uri
        rows: list[dict[str, Any]] = ask("examples", uri=uri, split=split, n=n)
        return [{name: _unpacked(value) for name, value in row.items()} for row in rows]

    def _layout(self) -> Layout:
        return locate(self._home)

    def _result(self, run: int | Run | None) -> results.Result:
        last = self._last
        if run is None and last is not None and last.state != COMPLETE:
            raise RunFailed(
                f"run {last.number} of '{self._name}', the last that was made here, is {last.state}: {last.message}",
                "give the number of another run: run=…",
            )
        return results.result(self._layout(), self._name, None if run is None else _number(run))


def _number(run: object) -> int:
    number = run.number if isinstance(run, Run) else run
    if isinstance(number, bool) or not isinstance(number, int):
        raise UsageError(f"{run!r} is no run", "give its number, as 'zenrepo runs' lists it: run=1")
    return number


def _refuse_no_count(n: object) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise UsageError(f"n is {n!r}, which is no number of examples", "give a whole number from 1")


def _unpacked(value: Any) -> Any:
    """Turn what stands for bytes into bytes."""
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
