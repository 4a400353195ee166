"""docs/python-api.md: its code, run from top to bottom in an empty folder, prints what the page says."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import archiver

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
PRINTED = "#> "


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Language and code of each block, in order."""
    return ((match[1], match[2]) for match in FENCE.finditer(page))


def expected(code: str) -> str:
    """A pattern for what a block prints; … stands for anything, a whole line of it for any lines or none."""
    pattern = ""
    for line in code.splitlines():
        if line.startswith(PRINTED):
            words = line.removeprefix(PRINTED)
            pattern += r"(?:.*\n)*?" if words == "…" else ".*".join(map(re.escape, words.split("…"))) + r"\n"
    return pattern


def test_the_code_of_the_page_prints_what_the_page_says(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (project / "docs" / "python-api.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.delenv("ARCHIVER_DIR", raising=False)
    namespace: dict[str, object] = {}
    ran = 0
    for language, code in blocks(page):
        assert language in ("sh", "python"), f"who runs this?\n{code}"
        ran += 1
        if language == "sh":
            subprocess.run(code, shell=True, check=True, capture_output=True, timeout=300)
            continue
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, f"block {ran} of docs/python-api.md", "exec"), namespace)
        assert re.fullmatch(expected(code), printed.getvalue()), f"{code}\nprinted\n{printed.getvalue()}"
    assert ran > 8


def test_the_readme_s_code_runs(project: Path, tmp_path: Path) -> None:
    """Up to the archive that it has not."""
    readme = (project / "README.md").read_text(encoding="utf-8")
    [code] = [code for language, code in blocks(readme) if language == "python"]
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert len(code.splitlines()) <= 10
    assert (
        ran.stderr.rstrip().splitlines()[-1].startswith("archiver.errors.UsageError: there is no archive in archive: begin one")
    )


def test_every_name_of_the_library_stands_on_its_page(project: Path) -> None:
    page = (project / "docs" / "python-api.md").read_text(encoding="utf-8")
    assert [
        name for name in archiver.__all__ if name not in ("PostLink", "Result", "__version__") and f"`{name}" not in page
    ] == []
    methods = [name for name in vars(archiver.Archive) if not name.startswith("_") and name not in INTERNAL]
    assert [name for name in methods if not re.search(rf"\b{name}\b", page)] == []


INTERNAL = ("response_at", "resource_at")
"""Methods of Archive for the program itself."""
