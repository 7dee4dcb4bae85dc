"""Versioned data: datasources, and their commits."""

from zenrepo.datasource_files.commits import DatasourceCommit
from zenrepo.datasources.datasource import Datasource
from zenrepo.datasources.registered import all_datasources, by_name, names

__all__ = ["Datasource", "DatasourceCommit", "all_datasources", "by_name", "names"]
