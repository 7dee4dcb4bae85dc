"""Read the newest predictions back, and compare them to what scikit-learn knows of these flowers."""

from pathlib import Path

import tensorflow as tf
from sklearn.datasets import load_iris

from zenrepo.repo import Repository

SPEC = {"number": tf.io.FixedLenFeature([], tf.int64), "predictions": tf.io.FixedLenFeature([3], tf.float32)}

made = Repository.get_instance().get_pipeline_by_name("name-flowers").artifacts()
files = [str(file) for file in Path(made["inferrer"]["predictions"]).glob("Split-*/*.gz")]
records = list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())
flowers = {name: values.numpy() for name, values in tf.io.parse_example(records, SPEC).items()}

table = load_iris()
said = flowers["predictions"].argmax(axis=1)
truth = table.target[flowers["number"]]
for number, say, true, probability in zip(flowers["number"], said, truth, flowers["predictions"].max(axis=1)):
    if say != true:
        names = table.target_names
        print(f"flower {number}: said {names[say]} ({probability:.2f}), but it is {names[true]}")
print(f"accuracy {(said == truth).mean():.3f} of {len(truth)} flowers")
