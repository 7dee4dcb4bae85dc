"""What a run was asked for beside a pipeline and a commit."""

from __future__ import annotations

from zenrepo.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # hooks import this
    from collections.abc import Mapping


class Options(NamedTuple):
    """The wishes of whoever asked for a run; without any it runs as its pipeline file says.

    Args:
        first: the step that it begins with; those before it are used again; empty for the first of all.
        last: the step that it ends with; empty for the last of all.
        settings: what to change in the pipeline file, by dotted key: ``steps.trainer.args.epochs``; each value is a
            piece of YAML, as it would stand in the file.
        name: by which the user knows the run; empty for none.
        captured: whether the commit is a captured working tree.
        resumes: the number of the run that it began as, whose data it sees; 0 for none.
    """

    first: str = ""
    last: str = ""
    settings: Mapping[str, str] = {}
    name: str = ""
    captured: bool = False
    resumes: int = 0

    def pack(self) -> str:
        """Write them as one text; an empty one where there are none."""
        given = {name: value for name, value in self._asdict().items() if value}
        if not given:
            return ""
        import json  # noqa: PLC0415  (a hook queues runs without any, and importing it costs as much as git)

        return json.dumps(given, ensure_ascii=False)

    @classmethod
    def unpack(cls, text: str) -> Options:
        """Read what ``pack`` wrote."""
        if not text:
            return cls()
        import json  # noqa: PLC0415  (likewise)

        return cls(**json.loads(text))
