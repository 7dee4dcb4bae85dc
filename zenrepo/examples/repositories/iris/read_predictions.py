"""Read the newest predictions back, and compare them to what scikit-learn knows of these flowers."""

import json
import subprocess
from pathlib import Path

import tensorflow as tf
from sklearn.datasets import load_iris


def zenrepo(*words):
    """Ask zenrepo."""
    return json.loads(subprocess.run(["zenrepo", *words, "--json"], capture_output=True, check=True).stdout)


[newest] = zenrepo("runs", "--pipeline", "name-flowers", "--limit", "1")
events = zenrepo("runs", str(newest["run"]))["events"]
[folder] = [a["uri"] for e in events if e.get("step") == "inferrer" for a in e.get("artifacts", [])]
print(folder, *Path(folder).rglob("*"))
