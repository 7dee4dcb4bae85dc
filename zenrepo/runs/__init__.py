"""Runs: what is to be executed, the journal of what was, and the worker that does it."""
