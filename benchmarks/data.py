"""How fast a CSV file becomes examples, and in how much memory; baseline, TFX's CsvExampleGen in the same run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, show

ROWS = 1_000_000
BASELINE_ROWS = 100_000
CITIES = ["Lisbon", "Oslo", "Nairobi", "Quito", "Hanoi", "Perth", "St. John's", "Reykjavík"]

OURS = """
import json, resource, sys, time
from zenrepo.runner.executors.data import ingest
from zenrepo.runner.performing.work import Work
from zenrepo.steps import CSVDataStep
from tfx.types import standard_artifacts
examples = standard_artifacts.Examples()
examples.uri = sys.argv[2]
work = Work("data", CSVDataStep(path=sys.argv[1]), {}, None, {}, {"examples": [examples]}, {})
"""
THEIRS = """
import json, resource, sys, time
from pathlib import Path
from tfx import v1 as tfx
from tfx.components.example_gen.csv_example_gen.executor import Executor
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import standard_artifacts
from google.protobuf import json_format
examples = standard_artifacts.Examples()
examples.uri = sys.argv[2]
config = example_gen_pb2.Input(splits=[example_gen_pb2.Input.Split(name="data", pattern=Path(sys.argv[1]).name)])
output = example_gen_pb2.Output(
    split_config=example_gen_pb2.SplitConfig(splits=[example_gen_pb2.SplitConfig.Split(name="data", hash_buckets=1)]))
properties = {"input_base": str(Path(sys.argv[1]).parent), "input_config": json_format.MessageToJson(config),
    "output_config": json_format.MessageToJson(output), "output_data_format": 6, "output_file_format": 5}
context = BaseBeamExecutor.Context(
    beam_pipeline_args=["--runner=FnApiRunner", "--sdk_container_image=none"],
    tmp_dir=sys.argv[2] + "/tmp", unique_id="1")
sys.argv = sys.argv[:1]
"""
MEASURE = """
begun, cpu = time.monotonic(), time.process_time()
{call}
print(json.dumps([time.monotonic() - begun, time.process_time() - cpu,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def main() -> None:
    """Read tables of several lengths, the shortest with TFX as well, and print rows a second."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        small, table, large = (_table(folder, rows) for rows in (BASELINE_ROWS, ROWS, 10 * ROWS))
        theirs = _run(THEIRS, "Executor(context).Do({}, {'examples': [examples]}, properties)", small)
        ours = [_run(OURS, "ingest(work)", each) for each in (small, table, large)]
    baseline = BASELINE_ROWS / theirs[1]
    rows = [("TFX's CsvExampleGen", BASELINE_ROWS, *theirs, baseline, 1.0)]
    for count, figures in zip((BASELINE_ROWS, ROWS, 10 * ROWS), ours, strict=True):
        rows.append(("CSVDataStep", count, *figures, count / figures[1], count / figures[1] / baseline))
    show(
        "from CSV of 6 columns to gzipped TFRecords, imports left out",
        ("", "rows", "seconds", "CPU seconds", "peak MB", "rows a CPU second", "x CsvExampleGen"),
        rows,
    )


def _run(prepare: str, call: str, table: Path) -> list[float]:
    """Measure in a process of its own: seconds, CPU seconds, and the most memory in MB."""
    with tempfile.TemporaryDirectory(dir=table.parent) as output:
        script = prepare + MEASURE.format(call=call)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, str(table), output],
            env={**ENVIRONMENT, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _table(folder: Path, rows: int) -> Path:
    """Write a table of three whole numbers, two with decimals and a text, a fiftieth of them missing."""
    file = folder / f"{rows}.csv"
    draw = random.Random(rows)
    lines = []
    for number in range(20_000):
        fare = "" if number % 50 == 0 else f"{draw.lognormvariate(2, 1):.2f}"
        lines.append(
            f"{draw.randrange(10**6)},{draw.randrange(100)},{fare},{draw.random():.6f},{draw.choice(CITIES)},1\n"
        )
    block = "".join(lines)
    with file.open("w", encoding="utf-8") as stream:
        stream.write("id,age,fare,distance,city,tipped\n")
        for _ in range(rows // 20_000):
            stream.write(block)
    return file
