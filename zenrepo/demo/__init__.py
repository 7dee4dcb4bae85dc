"""The demo: what zenrepo exists for, on real data, as a user would type it."""

from zenrepo.demo.tour import take_tour

__all__ = ["take_tour"]
