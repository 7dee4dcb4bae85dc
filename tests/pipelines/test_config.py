"""A repository's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from zenrepo.config import DEFAULT_TEXT, Config, load, read, write_default

FILE = ".zenml/config.yaml"


def test_no_file_means_the_defaults(tmp_path):
    """A repository works without settings."""
    assert load(tmp_path / ".zenml" / "config.yaml") == Config()


def test_the_default_text_says_the_defaults():
    """Each of them, so that there is something to change."""
    assert read(DEFAULT_TEXT.encode()) == Config(version=1, source_roots=["."], artifact_store="", metadata_store="")
    assert all(f"{key}:" in DEFAULT_TEXT for key in Config.__struct_fields__)


def test_settings_are_written_once(tmp_path):
    """What somebody changed stays."""
    path = tmp_path / ".zenml" / "config.yaml"

    assert write_default(path)
    path.write_text("version: 1\nsource_roots: [src, lib/steps]\nartifact_store: gs://b/a\nmetadata_store: ../m.db\n")
    assert not write_default(path)

    assert load(path) == Config(source_roots=["src", "lib/steps"], artifact_store="gs://b/a", metadata_store="../m.db")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: is empty\nhint: it needs at least 'version: 1'"),
        ("version: 2\n", ":1: version 2 is newer than this release reads\nhint: upgrade zenrepo"),
        ("version: 2\nfuture: 1\n", ":1: version 2 is newer than this release reads\nhint: upgrade zenrepo"),
        ("version: 0\n", ":1: version 0 is not known\nhint: write 'version: 1'"),
        ("source_roots: [.]\n", ":1: key 'version' is missing\nhint: add 'version: 1'"),
        (
            "version: 1\nsource_root: [.]\n",
            ":2: unknown key 'source_root'\nhint: did you mean 'source_roots'?",
        ),
        (
            "version: 1\nsource_roots: src\n",
            ":2: 'source_roots' must be a list, but is a string\nhint: write it as a list: [src]",
        ),
        (
            "version: 1\nsource_roots: []\n",
            ":2: no source root is given\nhint: write [.] for the repository's folder",
        ),
        (
            "version: 1\nsource_roots:\n  - src\n  - /repo/lib\n",
            ":4: absolute path '/repo/lib'\nhint: use 'lib', relative to the repository",
        ),
        (
            "version: 1\nsource_roots: [../lib]\n",
            ":2: path '../lib' leaves the repository\nhint: copy what it names into the repository",
        ),
        (
            "version: 1\nsource_roots: [./src/]\n",
            ":2: source root './src/' has a shorter form\nhint: write 'src'",
        ),
        ("version: 1\nsource_roots: [src,\n  src]\n", ":3: source root 'src' is given twice\nhint: keep one"),
        (
            "version: 1\nsource_roots: ['']\n",
            ":2: '' is not a folder of the repository\nhint: write a relative path, or '.'",
        ),
        (
            "version: 1\nsource_roots: [a/../b]\n",
            ":2: 'a/../b' is not a folder of the repository\nhint: write a relative path, or '.'",
        ),
        (
            "version: 1\nartifact_store: /data/artifacts\n",
            ":2: absolute path '/data/artifacts'\n"
            "hint: use a path relative to the repository, or an address such as 'gs://…'",
        ),
        (
            "version: 1\nmetadata_store: file:///repo/m.db\n",
            ":2: absolute path 'file:///repo/m.db'\nhint: use 'm.db', relative to the repository",
        ),
    ],
)
def test_wrong_settings_are_refused(refusal, text, message):
    """File, line, what is wrong, and the cure."""
    assert refusal(read, text.encode(), FILE, Path("/repo")) == FILE + message
