"""Steps that bring data in."""

from zenrepo.steps.data.csv_file import CSVDataStep

__all__ = ["CSVDataStep"]
