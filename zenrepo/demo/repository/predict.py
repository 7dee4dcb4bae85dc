"""Ask the newest deployed model about some tumours whose answer is known."""

import csv
from pathlib import Path

import tensorflow as tf

newest = max(Path("serving/cancer").iterdir(), key=lambda folder: int(folder.name))
predict = tf.saved_model.load(str(newest)).signatures["serving_features"]
with open("data/cancer.csv", newline="") as file:
    rows = list(csv.DictReader(file))[17:23]
truth = [int(row.pop("benign")) for row in rows]
features = {name: tf.constant([float(row[name]) for row in rows]) for name in rows[0]}
print(f"model {newest}:")
for benign, probability in zip(truth, predict(**features)["predictions"].numpy().ravel()):
    print(f"  benign with probability {probability:.3f}; it was {'benign' if benign else 'malignant'}")
