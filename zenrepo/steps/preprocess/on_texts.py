"""The methods on text.

This module imports TensorFlow; only methods of steps that run import it.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform import tf_utils

from zenrepo.errors import StepFailed
from zenrepo.steps.preprocess import on_numbers
from zenrepo.steps.preprocess.feature import Apply, Feature, mark_indices, sparse
from zenrepo.steps.preprocess.methods import INDEX, NUMBER, Call
from zenrepo.steps.vocabulary import vocabulary_name

NUMBER_PATTERN = r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*"


def fill(feature: Feature) -> None:
    """Fill the texts that are missing or empty.

    Args:
        feature: of text, changed in place.
    """
    filling, feature.filling = feature.filling, None
    if filling is None or isinstance(feature.values, tf.SparseTensor):
        return
    value = tf.constant(str(filling.parameters.get("value", "")))
    if filling.method == "mode":
        value = _most_frequent(feature)
    feature.values = tf.where(tf.equal(feature.values, ""), value, feature.values)


def _most_frequent(feature: Feature) -> tf.Tensor:
    """Look the one text of a vocabulary of size 1 up."""
    name = f"mode_{vocabulary_name(feature.name)}"
    file = tft.vocabulary(feature.values, top_k=1, vocab_filename=name)

    def table(path: tf.Tensor) -> tf.lookup.StaticHashTable:
        line, text = tf.lookup.TextFileIndex.LINE_NUMBER, tf.lookup.TextFileIndex.WHOLE_LINE
        return tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(path, tf.int64, line, tf.string, text), "")

    texts, _ = tf_utils.construct_and_lookup_table(table, file, tf.zeros_like(feature.values, tf.int64))
    return texts


def _indices(feature: Feature, values: tf.Tensor, call: Call, outside: int) -> Any:
    """Look values up in the vocabulary of the training data, most frequent first."""
    return tft.compute_and_apply_vocabulary(
        values,
        top_k=call["top_k"],
        frequency_threshold=call["frequency_threshold"],
        num_oov_buckets=outside,
        vocab_filename=vocabulary_name(feature.name),
    )


def _vocabulary(feature: Feature, call: Call) -> None:
    outside = call["num_oov_buckets"]
    feature.become(INDEX, _indices(feature, feature.values, call, outside), call["top_k"] + outside)


def _one_hot(feature: Feature, call: Call) -> None:
    """Set one number to 1: that of the text in the vocabulary, or the last."""
    top = call["depth"] - 1 if call["depth"] else call["top_k"]
    vocabulary = {"top_k": top, "frequency_threshold": call["frequency_threshold"], "num_oov_buckets": 1}
    _vocabulary(feature, Call("vocabulary", vocabulary))
    on_numbers.ALONE["one_hot"](feature, Call("one_hot", {"depth": feature.depth}))


def _hash(feature: Feature, call: Call) -> None:
    buckets = call["hash_buckets"]
    hashed = tft.hash_strings(feature.values, buckets)
    marked = hashed if isinstance(hashed, tf.SparseTensor) else mark_indices(hashed, buckets)
    feature.become(INDEX, marked, buckets)


def _tokenize(feature: Feature, call: Call) -> None:
    """Split at each match of the pattern."""
    texts = feature.values.values if isinstance(feature.values, tf.SparseTensor) else feature.values
    if isinstance(feature.values, tf.SparseTensor) or int(feature.values.shape[1]) != 1:
        raise StepFailed(
            f"feature '{feature.name}' has several texts in an example, which are tokens",
            "leave 'tokenize' out",
        )
    flat = tf.reshape(texts, [-1])
    flat = tf.strings.lower(flat, encoding="utf-8") if call["lower"] else flat
    words = tf.strings.split(tf.strings.regex_replace(flat, call["pattern"], " "))
    feature.values = words.to_sparse()


def _ngrams(feature: Feature, call: Call) -> None:
    low, high = call["ngram_range"]
    feature.values = tft.ngrams(sparse(feature.values), (low, high), call["separator"])


def _bag_of_words(feature: Feature, call: Call) -> None:
    """Make one number for each word of the vocabulary: 1 where the example has it."""
    low, high = call["ngram_range"]
    words = tft.bag_of_words(sparse(feature.values), (low, high), call["separator"])
    found = _indices(feature, words, call, 0)
    feature.become(NUMBER, _spread(found, tf.ones_like(found.values, tf.float32), call["top_k"]))


def _tfidf(feature: Feature, call: Call) -> None:
    """Make one number for each word of the vocabulary, and a last one for all other words."""
    depth = call["top_k"] + 1
    found, weights = tft.tfidf(_indices(feature, sparse(feature.values), call, 1), depth, smooth=call["smooth"])
    feature.become(NUMBER, _spread(found, weights.values, depth))


def _spread(indices: tf.SparseTensor, weights: tf.Tensor, depth: int) -> tf.Tensor:
    """Put weights where the indices say, in a matrix of shape (batch, depth); an index of -1 is left out."""
    columns = tf.reshape(indices.values, [-1])
    inside = columns >= 0
    places = tf.stack([indices.indices[:, 0], columns], axis=1)
    shape = tf.stack([indices.dense_shape[0], tf.constant(depth, tf.int64)])
    spread = tf.scatter_nd(tf.boolean_mask(places, inside), tf.boolean_mask(tf.reshape(weights, [-1]), inside), shape)
    return tf.reshape(spread, [-1, depth])


def _word_count(feature: Feature, call: Call) -> None:
    counts = tft.word_count(sparse(feature.values))
    feature.become(NUMBER, tf.reshape(tf.cast(counts, tf.float32), [-1, 1]))


def _decode_image(feature: Feature, call: Call) -> None:
    """Decode PNG, JPEG, GIF or BMP to floats from 0 to 1; a missing image is black."""
    height, width, channels = call["height"], call["width"], call["channels"]
    black = tf.zeros([height, width, channels], tf.float32)

    def decode(content: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_image(content, channels=channels, expand_animations=False)
        return tf.ensure_shape(tf.image.resize(image, [height, width]), black.shape) / 255.0

    def one(content: tf.Tensor) -> tf.Tensor:
        return tf.cond(tf.equal(tf.strings.length(content), 0), lambda: black, lambda: decode(content))

    images = tf.map_fn(one, tf.reshape(feature.values, [-1]), fn_output_signature=tf.float32)
    feature.become(NUMBER, tf.reshape(images, [-1, height, width, channels]))


def _to_number(feature: Feature, call: Call) -> None:
    """Read texts as numbers; what is none is missing."""
    if call["to"] == "text":
        return
    is_number = tf.strings.regex_full_match(feature.values, NUMBER_PATTERN)
    words = tf.where(is_number, tf.strings.strip(feature.values), tf.fill(tf.shape(feature.values), "nan"))
    feature.become(NUMBER, tf.strings.to_number(words, tf.float32))


ALONE: dict[str, Apply] = {
    "vocabulary": _vocabulary,
    "hash_strings": _hash,
    "one_hot": _one_hot,
    "tokenize": _tokenize,
    "ngrams": _ngrams,
    "bag_of_words": _bag_of_words,
    "tfidf": _tfidf,
    "word_count": _word_count,
    "decode_image": _decode_image,
    "cast": _to_number,
}
"""By name, the methods on text."""
