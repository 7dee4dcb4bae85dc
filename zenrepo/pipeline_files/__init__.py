"""The pipeline file: its format, and what is valid in it."""
