"""Lineage: which artifact was made by which step version from which artifacts."""
