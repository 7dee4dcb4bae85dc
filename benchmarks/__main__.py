"""``python -m benchmarks [NAME …]``: measure, and print tables."""

import sys

from benchmarks import commit, data, demo, first_step, index, lookup, preprocess, verify, waiting, whole

BENCHMARKS = {
    "commit": commit.main,
    "lookup": lookup.main,
    "first_step": first_step.main,
    "index": index.main,
    "demo": demo.main,
    "data": data.main,
    "preprocess": preprocess.main,
    "waiting": waiting.main,
    "whole": whole.main,
    "verify": verify.main,
}

for name in sys.argv[1:] or BENCHMARKS:
    BENCHMARKS[name]()
