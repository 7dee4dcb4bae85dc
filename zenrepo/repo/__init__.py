"""The repository: one face for what a user asks of it, and a file for each noun that it is asked about."""

from zenrepo.repo.repository import Repository

__all__ = ["Repository"]
