"""docs/add-a-platform.md, done: the code on the page makes a platform that works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# A comment that readers do not see says what a block of code is.
_BLOCK = re.compile(r"<!-- (file|more): (.+?) -->\n```\w*\n(.*?)```", re.S)
_LAST_IMPORT = re.compile(r"(?:^(?:from|import) [^\n(]+\n)+(?=\n)", re.M)
PLATFORMS = "archiver/platforms/__init__.py"
PIERPOST = "archiver/platforms/pierpost.py"


@pytest.fixture(scope="module")
def blocks(project: Path) -> dict[str, str]:
    text = (project / "docs" / "add-a-platform.md").read_text(encoding="utf-8")
    return {f"{kind}: {what}": code for kind, what, code in _BLOCK.findall(text)}


@pytest.fixture(scope="module")
def copy(project: Path, blocks: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, as it is after the third step of the page."""
    folder = tmp_path_factory.mktemp("walkthrough")
    shutil.copytree(project / "archiver", folder / "archiver", ignore=shutil.ignore_patterns("__pycache__", "sampleweb"))
    (folder / "tests" / "platforms").mkdir(parents=True)
    for name in ("pyproject.toml", "tests/__init__.py", "tests/platforms/__init__.py", "tests/platforms/test_examples.py"):
        shutil.copy(project / name, folder / name)
    for name in ("page.html", PIERPOST):
        (folder / name).write_text(blocks[f"file: {name}"], encoding="utf-8")
    put(folder / PLATFORMS, "\n", blocks[f"more: imports of {PLATFORMS}"], at=end_of_imports(folder / PLATFORMS))
    put(folder / PLATFORMS, "    Framed(),\n", blocks["more: PLATFORMS"])
    return folder


@pytest.fixture(scope="module")
def completed(copy: Path, blocks: dict[str, str]) -> Path:
    """The same after the sixth step."""
    file = copy / PIERPOST
    put(file, "\n", blocks[f"more: imports of {PIERPOST}"], at=end_of_imports(file))
    put(file, "    examples = (\n", blocks["more: class"])
    end = file.read_text(encoding="utf-8").rindex("    )\n")
    put(file, "    )\n", blocks["more: examples"], at=end)
    file.write_text(file.read_text(encoding="utf-8") + "\n" + blocks["more: methods"], encoding="utf-8")
    name = "tests/platforms/test_pierpost.py"
    (copy / name).write_text(blocks[f"file: {name}"], encoding="utf-8")
    return copy


def end_of_imports(file: Path) -> int:
    return [found.end() for found in _LAST_IMPORT.finditer(file.read_text(encoding="utf-8"))][-1]


def put(file: Path, before: str, code: str, at: int | None = None) -> None:
    """Code into a file, in front of what stands there."""
    text = file.read_text(encoding="utf-8")
    place = text.index(before) if at is None else at
    assert text.startswith(before, place)
    file.write_text(text[:place] + code + text[place:], encoding="utf-8")


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def passed(folder: Path, *arguments: str) -> int:
    """How many tests passed; none may fail."""
    ended = run(folder, "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return int(re.findall(r"(\d+) passed", ended.stdout)[-1])


def test_the_first_version_passes_the_tests_of_its_examples(copy: Path) -> None:
    # Five examples, each run twice; something to find and to ignore; and the folder.
    assert passed(copy, "tests/platforms/test_examples.py", "-k", "pierpost or folder") == 12


def test_it_finds_what_the_page_says(copy: Path) -> None:
    ended = run(copy, "archiver.cli", "extract", "page.html", "--json")

    assert [(embed["platform"], embed["post_id"]) for embed in json.loads(ended.stdout)["embeds"]] == [("pierpost", "aB3dE5gH")]


def test_what_is_added_later_works_as_well_and_is_in_good_form(completed: Path) -> None:
    fixed = run(completed, "ruff", "check", "--fix", "--no-cache", PIERPOST, PLATFORMS, "tests/platforms/test_pierpost.py")

    assert fixed.returncode == 0, fixed.stdout
    assert run(completed, "ruff", "format", "--check", "--no-cache", PIERPOST, "tests/platforms/test_pierpost.py").returncode == 0
    assert passed(completed, "tests/platforms/test_examples.py", "tests/platforms/test_pierpost.py", "-k", "pierpost") == 16


def test_the_files_that_the_page_points_to_have_what_it_says(project: Path) -> None:
    text = (project / "docs" / "add-a-platform.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| ((?:(?:, )?`[\w/]+\.py`)+) \|$", text, re.M)

    assert len(rows) == 10
    for overridden, files in rows:
        for file in re.findall(r"[\w/]+\.py", files):
            code = (project / file).read_text(encoding="utf-8")
            assert all(name.removeprefix("piece.") in code for name in re.findall(r"`([\w.]+)", overridden)), (file, overridden)
