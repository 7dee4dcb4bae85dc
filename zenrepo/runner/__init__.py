"""The runner: executes a plan on TFX in processes of its own and reports in JSON lines.

The *conductor* (``python -m zenrepo.runner PLAN.json``) compiles the pipeline, asks TFX's cache and records in ML
Metadata, without TensorFlow or Beam. A step that really runs does so in a *performer*: a process forked from a warm
parent that has only imported.
"""
