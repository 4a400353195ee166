"""`from archiver import …`: what a program of somebody else's sees."""

import ast
import importlib
from pathlib import Path

import pytest

import archiver

LAZY = [name for name in archiver.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", LAZY)
def test_each_name_is_what_stands_at_its_home(name: str) -> None:
    value = getattr(archiver, name)

    assert value is getattr(importlib.import_module(archiver._HOME_OF[name]), name)
    assert getattr(archiver, name) is value


def test_type_checkers_see_the_same_names_as_python(project: Path) -> None:
    tree = ast.parse((project / "archiver" / "__init__.py").read_text(encoding="utf-8"))
    imports = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archiver.")
    ]

    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert seen == archiver._HOME_OF
    assert sorted(seen) == sorted(LAZY)
    assert dir(archiver) == sorted(archiver.__all__)


def test_what_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(archiver, "Nosuch")
    with pytest.raises(ImportError, match="cannot import name 'Nosuch'"):
        exec("from archiver import Nosuch")


def test_each_name_says_what_it_is() -> None:
    for name in LAZY:
        value = getattr(archiver, name)
        if isinstance(value, type) or callable(value):
            assert value.__doc__ and not value.__doc__.startswith(f"{name}("), name
