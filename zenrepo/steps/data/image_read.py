"""Reads pictures and what is said of them.

This module imports Arrow, Beam and TensorFlow; only methods of ImageDataStep that run import it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
import tensorflow as tf

from zenrepo.errors import DataError, did_you_mean
from zenrepo.steps.data.files import SourceFile, lines, open_stream

_BATCH = 64
_NAMED = 5


@dataclass(frozen=True)
class Image:
    """A picture.

    Args:
        file: where it lies.
        shape: height, width and channels.
        said: its label and what else is known of it.
    """

    file: SourceFile
    shape: tuple[int, int, int]
    said: dict[str, Any]


def read_images(images: list[Image]) -> beam.PTransform:
    """Make what yields the pictures, a few at a time."""
    groups = [images[at : at + _BATCH] for at in range(0, len(images), _BATCH)]
    return beam.Create(groups) | beam.Map(_batch)


def _batch(images: list[Image]) -> pa.RecordBatch:
    columns: dict[str, list[Any]] = {"image": [], "height": [], "width": [], "channels": [], "file": []}
    for image in images:
        with open_stream(image.file) as stream:
            values = (stream.read(), *image.shape, image.file.name)
        for column, value in zip(list(columns), values, strict=False):
            columns[column].append(value)
    for name in images[0].said:
        columns[name] = [image.said[name] for image in images]
    return pa.RecordBatch.from_pydict(columns)


def whole_images(
    files: list[SourceFile], labels: dict[str, dict[str, Any]] | None, *, fail: bool
) -> tuple[list[Image], list[str]]:
    """Decode every picture to see that it is one.

    Args:
        files: of the pictures.
        labels: what is known of each file, by its name; ``None`` where its folder is its label.
        fail: whether one that is broken fails.

    Returns:
        The whole ones, and the names of the others.

    Raises:
        DataError: naming those that are broken.
    """
    wanted = [file for file in files if labels is None or file.name in labels]
    with ThreadPoolExecutor() as pool:
        shapes = list(pool.map(_shape, wanted))
    broken = [file.name for file, shape in zip(wanted, shapes, strict=True) if shape is None]
    if broken and fail:
        named = ", ".join(broken[1:_NAMED])
        more = f"; so are {named}" + (f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else "")
        problem = f"is no whole picture{more if named else ''}"
        raise DataError(broken[0], problem, hint="mend or remove what is broken, or give broken='skip'")
    images = [
        Image(file, shape, labels[file.name] if labels is not None else {"label": _folder(file)})
        for file, shape in zip(wanted, shapes, strict=True)
        if shape is not None
    ]
    return images, broken


def _shape(file: SourceFile) -> tuple[int, int, int] | None:
    """Decode a picture for its height, width and channels; ``None`` where it is none."""
    with open_stream(file) as stream:
        data = stream.read()
    try:
        height, width, channels = tf.io.decode_image(data, expand_animations=False).shape
    except (tf.errors.InvalidArgumentError, ValueError):
        return None
    return int(height), int(width), int(channels)


def _folder(file: SourceFile) -> str:
    parts = file.name.split("/")
    if len(parts) < 2:
        raise DataError(file.name, "lies in no folder that could be its label", hint="or say its label in 'labels'")
    return parts[-2]


def read_labels(listed: SourceFile, files: list[SourceFile], tops: list[str]) -> dict[str, dict[str, Any]]:
    """Read what a list says of pictures.

    Args:
        listed: the CSV or JSON file.
        files: those that there are.
        tops: the folders that the list's paths start from.

    Returns:
        By the name of each file, what the list says of it.

    Raises:
        DataError: for a list without the column ``file``, or one that names a file which is not there, or twice.
    """
    known = {file.name.removeprefix(f"{top.rstrip('/')}/"): file.name for top in tops for file in files}
    found: dict[str, dict[str, Any]] = {}
    rows = list(_rows(listed))
    texts = {name for row in rows for name, value in row.items() if isinstance(value, str) and not _is_whole(value)}
    for number, row in enumerate(rows, 1):
        path = row.pop("file", None)
        if path not in known:
            what = f"names '{path}', which is not there" if path else "has no value in 'file'"
            raise DataError(listed.name, f"entry {number} {what}", hint=did_you_mean(str(path), known))
        if known[path] in found:
            raise DataError(listed.name, f"names '{path}' twice", hint="keep one of them")
        found[known[path]] = {n: int(v) if isinstance(v, str) and n not in texts else v for n, v in row.items()}
    return found


def _is_whole(value: str) -> bool:
    return value.isdecimal() and str(int(value)) == value


def _rows(listed: SourceFile) -> Iterator[dict[str, Any]]:
    with open_stream(listed) as stream:
        if listed.suffix == ".csv":
            yield from csv.DictReader(line.decode("utf-8-sig") for line in lines(stream))
            return
        text = stream.read().decode("utf-8-sig")
    try:
        yield from json.loads(text) if text.lstrip()[:1] == "[" else map(json.loads, text.splitlines())
    except ValueError as error:
        raise DataError(listed.name, f"is no JSON: {error}") from error
