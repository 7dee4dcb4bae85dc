"""Steps that bring data in."""

from zenrepo.steps.data.csv_file import CSVDataStep
from zenrepo.steps.data.datasource import DatasourceStep
from zenrepo.steps.data.image_folder import ImageDataStep
from zenrepo.steps.data.json_file import JSONDataStep
from zenrepo.steps.data.numpy_file import NumPyDataStep
from zenrepo.steps.data.pandas_frame import PandasDataStep
from zenrepo.steps.data.parquet_file import ParquetDataStep
from zenrepo.steps.data.sql_query import SQLDataStep
from zenrepo.steps.data.tfds import TFDSDataStep
from zenrepo.steps.data.tfrecord_file import TFRecordDataStep

__all__ = [
    "CSVDataStep",
    "DatasourceStep",
    "ImageDataStep",
    "JSONDataStep",
    "NumPyDataStep",
    "PandasDataStep",
    "ParquetDataStep",
    "SQLDataStep",
    "TFDSDataStep",
    "TFRecordDataStep",
]
