"""Read the newest predictions back, and compare them to what scikit-learn knows of these flowers."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_iris

from zenrepo.repo import Repository

SPEC = {"number": tf.io.FixedLenFeature([], tf.int64), "predictions": tf.io.FixedLenFeature([3], tf.float32)}

pipeline = Repository.get_instance().get_pipeline_by_name("name-flowers")
species = np.array(Path(pipeline.get_model_uri(), "assets", "species").read_text().splitlines())  # by their indices
folder = Path(pipeline.artifacts()["inferrer"]["predictions"])
files = [str(file) for file in folder.glob("Split-*/*.gz")]
records = list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())
flowers = {name: values.numpy() for name, values in tf.io.parse_example(records, SPEC).items()}

table = load_iris()
said = species[flowers["predictions"].argmax(axis=1)]
truth = table.target_names[table.target[flowers["number"]]]
for number, say, true in zip(flowers["number"], said, truth):
    if say != true:
        print(f"flower {number}: said {say}, but it is {true}")
print(f"accuracy {(said == truth).mean():.3f} of {len(truth)} flowers")
