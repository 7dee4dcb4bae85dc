"""The index: a cache of git that answers look-ups. Delete it, and every answer is the same."""
