"""What is in the tree is in the package, what is imported is declared, what is declared is locked."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-pywb.lock",
    "requirements-datasette.lock",
    "requirements-datasette1.lock",
    "requirements-npm.lock",
)
NOT_DECLARED = {"archiver", "spiders", "compression"}  # the last is in the standard library from Python 3.14 on
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.M)


@pytest.fixture(scope="module")
def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name: str) -> str:
    """As PEP 503 compares names of distributions."""
    return re.sub(r"[-_.]+", "-", name).lower()


def own_files(folder: Path) -> list[Path]:
    """The files of the program below a folder, without what Python and the tests' tools leave behind."""
    paths = [path for top in ("archiver", "spiders") for path in sorted((folder / top).rglob("*")) if path.is_file()]
    return [
        path
        for path in paths
        if not any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def bare_names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in requirements}


def test_the_listed_packages_are_those_of_the_tree(project: Path, pyproject: dict[str, Any]) -> None:
    in_tree = {".".join(path.parent.relative_to(project).parts) for path in own_files(project)}
    assert set(pyproject["tool"]["setuptools"]["packages"]) == in_tree


def test_a_built_wheel_holds_all_the_program_needs(project: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for top in ("archiver", "spiders"):
        shutil.copytree(project / top, source / top, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project / name, source / name)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("embed_archiver-*.whl")
    with zipfile.ZipFile(wheel) as file:
        packed = set(file.namelist())
        points = next(file.read(name).decode() for name in packed if name.endswith("entry_points.txt"))
    wanted = {str(path.relative_to(source)) for path in own_files(source)}
    assert not wanted - packed, "add these to [tool.setuptools.package-data]"
    assert "archiver = archiver.cli:main" in points


def test_what_is_imported_is_declared(project: Path, pyproject: dict[str, Any]) -> None:
    declared = bare_names(pyproject["project"]["dependencies"])
    homes = packages_distributions()
    undeclared = set()
    for path in [path for top in ("archiver", "spiders") for path in (project / top).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for top in {name.split(".")[0] for name in names if name} - set(sys.stdlib_module_names) - NOT_DECLARED:
                if not {normal(home) for home in homes.get(top, [])} & declared:
                    undeclared.add(f"{path.relative_to(project)}: {top}")
    assert not undeclared, "declare these in pyproject.toml, then `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_with_hashes_and_no_address(project: Path, name: str) -> None:
    text = (project / name).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert blocks
    assert all(PINNED.match(block) and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert not re.search(r"^\s*-(?:-index-url|-extra-index-url|-find-links|i|f)\b", text, re.M)


def test_all_that_is_declared_is_locked(project: Path, pyproject: dict[str, Any]) -> None:
    locked = {name: dict(PINNED.findall((project / name).read_text(encoding="utf-8"))) for name in LOCKS}
    runtime = bare_names(pyproject["project"]["dependencies"]) | bare_names(pyproject["build-system"]["requires"])
    dev = runtime | bare_names(pyproject["project"]["optional-dependencies"]["dev"])
    assert runtime <= set(map(normal, locked["requirements.lock"])), "run `make lock`"
    assert dev <= set(map(normal, locked["requirements-dev.lock"])), "run `make lock`"
    # So that installing the tests' tools into .venv never changes what the program runs with.
    assert locked["requirements.lock"].items() <= locked["requirements-dev.lock"].items()


def test_every_dependency_has_a_lower_bound(pyproject: dict[str, Any]) -> None:
    groups = pyproject["project"]["optional-dependencies"].values()
    everything = [*pyproject["project"]["dependencies"], *(requirement for group in groups for requirement in group)]
    assert not [requirement for requirement in everything if ">=" not in requirement]
