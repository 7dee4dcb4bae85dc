"""The interface of steps that do work of another kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from zenrepo.steps.base import BaseStep


class CustomStep(BaseStep):
    """Makes examples of examples, in any way; it may stand anywhere in a custom pipeline."""

    KIND: ClassVar[str] = "custom"

    @abstractmethod
    def run(self, examples: dict[str, list[str]], output: dict[str, str]) -> None:
        """Read examples and write examples.

        Args:
            examples: by split, the files of the newest examples before the step: gzipped TFRecords of serialized
                ``tf.Example``. Empty for a step that stands first.
            output: give it the name of a split, and it gives the folder of that split, made and empty:
                ``output["train"]``. What shall be the step's examples goes there, in files of the same format whose
                names end in ``.gz``.
        """
        raise NotImplementedError
