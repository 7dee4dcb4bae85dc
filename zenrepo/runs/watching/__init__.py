"""What is told of a run to those who watch it."""
