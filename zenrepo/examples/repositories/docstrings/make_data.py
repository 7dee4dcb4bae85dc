"""Write what Python's standard library says of its own classes and functions to data/docstrings.jsonl."""

import ast
import json
import sysconfig
from pathlib import Path

LIBRARY = Path(sysconfig.get_path("stdlib"))
TOPICS = {
    "concurrency": ["asyncio", "concurrent", "multiprocessing", "queue", "selectors", "subprocess", "threading"],
    "debugging": ["bdb", "dis", "doctest", "inspect", "pdb", "traceback", "unittest"],
    "files": ["_pyio", "filecmp", "fileinput", "os", "pathlib", "shutil", "tarfile", "tempfile", "zipfile"],
    "internet": ["email", "ftplib", "http", "imaplib", "poplib", "smtplib", "socketserver", "ssl", "urllib"],
    "numbers": ["_pydatetime", "_pydecimal", "calendar", "datetime", "fractions", "numbers", "random", "statistics"],
}


def docstrings(module):
    """Read, and do not run, the files of a module or package."""
    for file in [LIBRARY / f"{module}.py", *sorted((LIBRARY / module).rglob("*.py"))]:
        if file.is_file():
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield ast.get_docstring(node)


found = {text: topic for topic, modules in TOPICS.items() for module in modules for text in docstrings(module) if text}
Path("data").mkdir(exist_ok=True)
with open("data/docstrings.jsonl", "w", encoding="utf-8") as file:
    for text, topic in found.items():
        print(json.dumps({"text": text, "topic": topic}), file=file)
print(f"wrote {len(found)} texts to data/docstrings.jsonl")
