"""Measures zenrepo against named baselines, all in one run, as ratios: machines differ, ratios less so."""
