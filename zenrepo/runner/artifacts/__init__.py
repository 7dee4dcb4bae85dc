"""Artifacts on disk, written and read without TensorFlow."""
