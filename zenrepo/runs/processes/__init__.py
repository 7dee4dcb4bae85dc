"""The processes that execute runs: a worker, its warm parents, and what tells that they live."""
