"""What the documentation says to type does what the documentation says it does."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import Block, Page, looks_like, stories

RUN = """\
{{ . {script}; }} >{printed} 2>&1 </dev/null
code=$?
[ $code -eq {code} ] || {{ echo "ended with exit code $code"; exit 1; }}
"""


def _parameters() -> list[object]:
    return [
        pytest.param(story, id=story[0].name, marks=[pytest.mark.heavy] if story[0].heavy else [])
        for story in stories()
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("story", _parameters())
def test_a_page_runs_as_it_is_printed(story: list[Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted into one shell in an empty folder, block after block, each ends and prints as the page says."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    folder, scripts = tmp_path / "empty", tmp_path / "scripts"
    folder.mkdir()
    scripts.mkdir()
    blocks = [(page, block) for page in story for block in page.runnable]
    parts = [_part(scripts, number, block) for number, (_, block) in enumerate(blocks)]
    (scripts / "story.sh").write_text("".join(parts))

    done = subprocess.run(
        ["sh", str(scripts / "story.sh")], cwd=folder, capture_output=True, text=True, check=False, timeout=570
    )

    ran = len(list(scripts.glob("*.txt")))
    for number, (page, block) in enumerate(blocks[:ran]):
        printed = _printed(scripts, number).read_text(encoding="utf-8")
        where = f"{page.name}:{block.line}"
        assert done.returncode == 0 or number < ran - 1, f"{where} {done.stdout}{done.stderr}\n{printed}"
        if block.output is not None:
            assert looks_like(block.output, printed), f"{where} printed\n{printed}\nand not\n{block.output}"
    assert ran == len(blocks)


def _part(scripts: Path, number: int, block: Block) -> str:
    """Write a block down, and say how the shell of the whole story reads it in."""
    script = scripts / f"{number}.sh"
    stop = "set +e\n" if block.exit_code else "set -e\n"
    script.write_text(f"{stop}{block.text}", encoding="utf-8")
    quoted = {"script": shlex.quote(str(script)), "printed": shlex.quote(str(_printed(scripts, number)))}
    return RUN.format(**quoted, code=block.exit_code)


def _printed(scripts: Path, number: int) -> Path:
    return scripts / f"{number}.txt"


def test_what_differs_from_time_to_time_may_differ() -> None:
    """Dots stand for any text or lines, decimals, dates and ids for others of their kind; every other word counts."""
    assert looks_like("a … c\n…\nz\n", "a  b  c\nx\ny\nz\n")
    assert looks_like("…\nz\n", "z\n")
    assert not looks_like("a … c\n", "a b d\n")
    assert not looks_like("a\n", "a\nb\n")
    assert looks_like("e83c516 2005-04-07 1.5 s\n", "0a1b2c3d4e  2026-01-31 10.25 s\n")
    assert not looks_like("63 rows\n", "64 rows\n")
    assert looks_like("✓ a\n", "run 2 waits for run 1 of 'tea'\n> a            running      1 of 3 epochs\n✓ a\n")
