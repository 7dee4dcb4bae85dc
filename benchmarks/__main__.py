"""``python -m benchmarks [NAME …]``: measure, and print tables."""

import sys

from benchmarks import commit, demo

BENCHMARKS = {"commit": commit.main, "demo": demo.main}

for name in sys.argv[1:] or BENCHMARKS:
    BENCHMARKS[name]()
