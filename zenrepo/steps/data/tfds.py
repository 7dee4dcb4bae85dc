"""TFDSDataStep: a data set of TensorFlow Datasets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from zenrepo.errors import DataError, StepArgumentError
from zenrepo.steps.checks import text
from zenrepo.steps.data.schema import check_schema
from zenrepo.steps.data.table_step import TableDataStep, need

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import pyarrow as pa

    from zenrepo.steps.data.tables import Table

_BATCH = 1024


class TFDSDataStep(TableDataStep):
    """Reads a data set of TensorFlow Datasets that is prepared already. Needs ``zenrepo[tfds]``.

    Pictures stay encoded; the fields of a nested feature become columns with a dot in their names; an array becomes a
    list of its values in C order.

    Args:
        name: of the data set, such as ``mnist``, or with its configuration, ``glue/cola``.
        version: of the data set; it says which data is meant, so it has to be given in full, such as ``3.0.1``.
        split: which of its splits, as TensorFlow Datasets write them: ``train``, ``train[:10%]``, ``train+test``.
        data_dir: the folder of prepared data sets, relative to the repository or an address; that of TensorFlow
            Datasets by default.
        download: whether to download and prepare it where it is not there.
        schema: other types for columns: ``int``, ``float`` or ``string``.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        split: str = "train",
        data_dir: str | None = None,
        download: bool = False,
        schema: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        step = type(self).__qualname__
        for argument, value in {"name": name, "version": version, "split": split, "data_dir": data_dir or "-"}.items():
            text(step, argument, value)
        if not all(part.isdecimal() for part in version.split(".")) or version.count(".") != 2:
            raise StepArgumentError(step, f"version is {version!r}, not one in full", "such as '3.0.1'")
        check_schema(step, schema)
        self.name, self.version, self.split, self.schema = name, version, split, schema
        self.data_dir, self.download = data_dir, download

    def tables(self) -> list[Table]:
        """Find the data set."""
        tfds = need("tensorflow_datasets", "tfds", type(self).__qualname__)
        from zenrepo.steps.data.tables import Table

        called = f"{self.name}:{self.version}"
        folder = None if self.data_dir is None else self.input_path(self.data_dir)
        try:
            builder = tfds.builder(called, data_dir=folder)
            if self.download:
                builder.download_and_prepare()
            splits = sorted(builder.info.splits)
        except (tfds.core.DatasetNotFoundError, AssertionError, ValueError, OSError) as error:
            hint = "prepare it with tfds.load, or give download=True"
            raise DataError(called, f"is not there: {error}", hint=hint) from error
        if not splits:
            where = builder.data_dir
            raise DataError(called, f"is not prepared in {where}", hint="prepare it, or give download=True")
        try:
            builder.info.splits[self.split]
        except (ValueError, KeyError, AssertionError) as error:
            raise DataError(called, f"has no split '{self.split}'", hint=f"it has {', '.join(splits)}") from error
        return [Table(called, partial(_read, called, folder, self.split))]


def _read(called: str, folder: str | None, split: str) -> Iterator[pa.RecordBatch]:
    import tensorflow_datasets as tfds

    builder = tfds.builder(called, data_dir=folder)
    decoders = _encoded(builder.info.features)
    dataset = builder.as_dataset(split=split, shuffle_files=False, decoders=decoders)
    rows: list[dict[str, Any]] = []
    for example in tfds.as_numpy(dataset):
        rows.append(dict(_flat("", example)))
        if len(rows) == _BATCH:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def _encoded(features: Any) -> Any:
    """Say of which features the encoded bytes are wanted: of the pictures."""
    import tensorflow_datasets as tfds

    if isinstance(features, tfds.features.Image):
        return tfds.decode.SkipDecoding()
    if not isinstance(features, tfds.features.FeaturesDict):
        return None
    found = {name: _encoded(feature) for name, feature in features.items()}
    return {name: decoder for name, decoder in found.items() if decoder} or None


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give the leaves of a nested example: numbers and bytes, or lists of them."""
    import numpy as np

    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else key, inner)
    elif hasattr(value, "flat_values"):  # a ragged tensor
        yield name, np.asarray(value.flat_values).reshape(-1).tolist()
    else:
        array = np.asarray(value)
        yield name, array.reshape(-1).tolist() if array.ndim else array.item()


def _batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({name: [_texts(row[name]) for row in rows] for name in rows[0]})


def _texts(value: Any) -> Any:
    """Keep bytes as bytes; a bool is a whole number."""
    return int(value) if isinstance(value, bool) else value
