"""Every pipeline survives its file."""

from __future__ import annotations

from datetime import timezone

from hypothesis import given
from hypothesis import strategies as st

from zenrepo.pipeline_files.file import PipelineFile, StepEntry, read, write
from zenrepo.pipeline_files.limits import Retries
from zenrepo.pipeline_files.trigger import Trigger

ARGUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab#:-on 1\n")
    | st.dates().map(lambda day: {"!date": day.isoformat()})
    | st.datetimes(timezones=st.none() | st.just(timezone.utc)).map(lambda time: {"!datetime": time.isoformat()})
    | st.just({"!class": "steps.net.Network"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab on1", max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,9}", fullmatch=True)
TIMES = st.none() | st.sampled_from(["2 h", "1 h 30 min", 90, 0.5, "7"])
RETRIES = (
    st.none() | st.integers(0, 100) | st.builds(lambda times: Retries(times=times, wait="1 s"), st.integers(0, 100))
)
ENTRIES = st.builds(
    lambda type_, args, timeout, retries: StepEntry(type=type_, args=args, timeout=timeout, retries=retries),
    st.sampled_from(["m.Step", "a.b.C@0123456", "zenrepo.steps.X@zenrepo_1.2.3"]),
    st.dictionaries(st.text("abcon", min_size=1), ARGUMENTS, max_size=3),
    TIMES,
    RETRIES,
)
PIPELINES = st.builds(
    lambda name, on, branches, steps: PipelineFile(name=name, trigger=Trigger(on=on, branches=branches), steps=steps),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}", fullmatch=True),
    st.lists(st.sampled_from(["commit", "manual"]), min_size=1, max_size=2),
    st.lists(st.sampled_from(["main", "release/*", "*", "on"]), max_size=2),
    st.dictionaries(NAMES, ENTRIES, max_size=4),
)


@given(PIPELINES)
def test_every_pipeline_comes_back(pipeline):
    """Written and read it is the same, its steps in the same order, and written again the same bytes."""
    text = write(pipeline)
    back = read(text.encode(), f"{pipeline.name}.yaml")

    assert back == pipeline
    assert list(back.steps) == list(pipeline.steps)
    assert write(back) == text
