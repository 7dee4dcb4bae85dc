"""ML Metadata: the only import of ``ml_metadata`` outside the runner."""
