"""What happens in git becomes queued runs: commits, pushes, tags and set times, where their triggers are trusted."""
