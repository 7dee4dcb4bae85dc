"""Datasources as they lie on disk: their tracked files, and their commits in the artifact store."""
