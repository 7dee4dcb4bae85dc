"""TFRecordDataStep: examples that are there as TFRecords already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zenrepo.errors import DataError
from zenrepo.steps.data.files import SourceFile, check_paths, find
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam
    import pyarrow as pa

SUFFIXES = (".tfrecord", ".tfrecords", ".tfrec", ".record", ".gz")
_BATCH = 8192
_PLACE = re.compile(r"\{\{.*?\}\} | \[Op:.*")
"""What TensorFlow says of itself in its messages."""
_GZIP = b"\x1f\x8b"


class TFRecordDataStep(DataStep):
    """Reads TFRecords of ``tf.Example``, plain or gzipped, whatever their names say.

    Args:
        path: a file, a folder or a glob, or a list of them, relative to the repository or addresses.
    """

    def __init__(self, *, path: str | list[str]) -> None:
        super().__init__()
        check_paths(type(self).__qualname__, path)
        self.path = path

    def read_from_source(self) -> beam.PTransform:
        """Read the files, each where a worker takes it."""
        import apache_beam as beam

        files = find(self, self.path, SUFFIXES)
        return beam.Create(files) | beam.FlatMap(read_examples)


def read_examples(file: SourceFile) -> Iterator[pa.RecordBatch]:
    """Read one file.

    Raises:
        DataError: where it breaks off, is damaged, or holds something else.
    """
    import tensorflow as tf
    from tfx_bsl.coders import example_coder

    with tf.io.gfile.GFile(file.path, "rb") as stream:
        compression = "GZIP" if stream.read(2) == _GZIP else ""
    decoder = example_coder.ExamplesToRecordBatchDecoder()
    rows = 0
    try:
        for examples in tf.data.TFRecordDataset([file.path], compression).batch(_BATCH).as_numpy_iterator():
            yield decoder.DecodeBatch(examples)
            rows += len(examples)
    except tf.errors.DataLossError as error:
        problem = f"is damaged, or no TFRecord file: {_PLACE.sub('', error.message)}"
        raise DataError(file.name, problem, hint=f"{rows} examples of it could be read") from error
    except (RuntimeError, ValueError) as error:
        hint = "write tf.train.Example messages"
        raise DataError(file.name, f"holds something that is no tf.Example: {error}", hint=hint) from error
