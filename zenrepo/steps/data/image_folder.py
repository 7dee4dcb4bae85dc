"""ImageDataStep: pictures in folders, or in a list with their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenrepo.errors import StepArgumentError
from zenrepo.steps.checks import text
from zenrepo.steps.data.files import check_paths, find
from zenrepo.steps.interfaces.data import DataStep

if TYPE_CHECKING:  # the annotations alone need these, and each costs seconds to import
    import apache_beam as beam

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")


class ImageDataStep(DataStep):
    """Reads pictures as they are: JPEG, PNG, BMP or GIF.

    An example has ``image`` (the file's bytes), ``height``, ``width``, ``channels``, ``file`` and ``label``: the name
    of the folder that the picture lies in, or what a list of labels says of it.

    Args:
        path: a folder with one folder for each label, relative to the repository or an address; with ``labels`` any
            files.
        labels: a CSV or JSON file that has the column ``file``, a path in ``path``, and others, which become features.
        broken: what to do with files that are no pictures: ``fail``, or ``skip`` them and say which.
    """

    def __init__(self, *, path: str | list[str], labels: str | None = None, broken: str = "fail") -> None:
        super().__init__()
        name = type(self).__qualname__
        check_paths(name, path)
        if labels is not None:
            text(name, "labels", labels)
        if broken not in ("fail", "skip"):
            raise StepArgumentError(name, f"broken is {broken!r}, neither 'fail' nor 'skip'")
        self.path, self.labels, self.broken = path, labels, broken

    def read_from_source(self) -> beam.PTransform:
        """Look at every picture, and read those that are whole.

        Raises:
            DataError: for files that are no pictures, naming them, and for a list that names others.
        """
        files = find(self, self.path, SUFFIXES)
        from zenrepo.steps.data.image_read import read_images, read_labels, whole_images

        tops = [self.path] if isinstance(self.path, str) else self.path
        labels = None
        if self.labels is not None:
            [listed] = find(self, self.labels, (".csv", ".json", ".jsonl"))
            labels = read_labels(listed, files, tops)
        images, broken = whole_images(files, labels, fail=self.broken == "fail")
        if broken:
            self.facts["notes"] = [f"{len(broken)} files are no pictures and are left out: {', '.join(broken)}"]
        return read_images(images)
