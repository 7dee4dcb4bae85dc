"""Write scikit-learn's 1,797 handwritten digits, of 8 by 8 pixels, as pictures: data/digits/<digit>/<number>.png."""

from pathlib import Path

import tensorflow as tf
from sklearn.datasets import load_digits

digits = load_digits()
for number, (image, digit) in enumerate(zip(digits.images, digits.target)):
    folder = Path("data/digits", str(digit))
    folder.mkdir(parents=True, exist_ok=True)
    grey = tf.cast(image * (255 / 16), tf.uint8)
    (folder / f"{number:04}.png").write_bytes(tf.io.encode_png(grey[..., tf.newaxis]).numpy())
print(f"wrote {len(digits.images)} pictures to data/digits")
