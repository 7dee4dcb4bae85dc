"""Step versions from source: found by reading, identified by content, loaded as they were."""
