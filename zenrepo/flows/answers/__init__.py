"""Questions about runs, models and settings, answered from what was recorded."""
