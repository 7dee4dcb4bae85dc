"""From a plan to a TFX pipeline."""
