"""Imports point down only, so that every part can be read without the ones above it."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import permutations
from pathlib import Path

import pytest

FLOORS: tuple[tuple[str, ...], ...] = tuple(
    tuple(room["name"] for room in floor["rooms"])
    for floor in tomllib.loads((Path(__file__).parent.parent / "docs" / "rooms.toml").read_text(encoding="utf-8"))["floor"]
)
"""The rooms of the code by floor, lowest first; docs/architecture.md shows the same file."""
# None knows another, though all stand on one floor: what crosses between them are the records below.
LIBRARY = "archiver"
"""The face that other people's programs see. It names what stands far above it, for type checkers and when a name is asked for;
everything else imports it first, for its version. So it counts as the lowest floor, may name what it likes under TYPE_CHECKING,
and loads none of it: `test_the_library_s_face_loads_nothing_before_it_is_asked` holds it to that."""
FACES = (LIBRARY, "archiver.storage")  # packages whose __init__ loads nothing
STRANGERS = ("archiver.browser", "archiver.network", "archiver.storage")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools"}


@dataclass(frozen=True)
class Module:
    name: str
    imports: frozenset[str]
    """Modules of this project, by full name; those inside functions and under TYPE_CHECKING as well."""


def module_name(path: Path, project: Path) -> str:
    parts = path.relative_to(project).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path: Path, name: str) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    if name == LIBRARY:
        tree.body = [statement for statement in tree.body if not is_for_type_checkers(statement)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            # `from archiver import urls` names a module, `from archiver.urls import checked` does not: the caller sorts it out.
            yield from (f"{source}.{alias.name}" for alias in node.names)


def is_for_type_checkers(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"


@pytest.fixture(scope="module")
def modules(project: Path) -> dict[str, Module]:
    paths = {
        module_name(path, project): path for top in ("archiver", "spiders") for path in sorted((project / top).rglob("*.py"))
    }

    def module_of(imported: str) -> str | None:
        while imported and imported not in paths:
            imported = imported.rpartition(".")[0]
        return imported or None

    return {
        name: Module(name, frozenset(filter(None, map(module_of, imported_names(path, name)))) - {name})
        for name, path in paths.items()
    }


def is_within(name: str, package: str) -> bool:
    return name == package or (package != "archiver" and name.startswith(f"{package}."))


def floor_of(name: str) -> int | None:
    if name in FACES:
        return 0
    return next((floor for floor, names in enumerate(FLOORS) for listed in names if is_within(name, listed)), None)


def test_every_module_has_its_floor(modules: dict[str, Module]) -> None:
    homeless = [name for name in modules if floor_of(name) is None]
    assert not homeless, f"{homeless}: add it to docs/rooms.toml, then `make docs`"


def test_imports_point_down(modules: dict[str, Module]) -> None:
    upward = [
        f"{module.name} imports {imported}"
        for module in modules.values()
        for imported in sorted(module.imports)
        if (floor_of(imported) or 0) > (floor_of(module.name) or 0)
    ]
    assert not upward, "these point up; move what is shared to a lower floor, or hand it in as an argument"


def test_browser_network_and_storage_do_not_know_each_other(modules: dict[str, Module]) -> None:
    across = [
        f"{module.name} imports {imported}"
        for module in modules.values()
        for imported in module.imports
        for here, there in permutations(STRANGERS, 2)
        if is_within(module.name, here) and is_within(imported, there)
    ]
    assert not across


def test_the_archiver_never_imports_the_spiders(modules: dict[str, Module]) -> None:
    assert not [
        m.name for m in modules.values() if m.name.startswith("archiver") and any(i.startswith("spiders") for i in m.imports)
    ]


def test_no_two_modules_import_each_other(modules: dict[str, Module]) -> None:
    # The package's own __init__ is left out: that a package lists its files and a file names its package is no knot.
    graph = {
        m.name: {i for i in m.imports if not m.name.startswith(f"{i}.") and not i.startswith(f"{m.name}.")}
        for m in modules.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("imports in a circle: " + " -> ".join(error.args[1]))


def test_tests_share_through_their_support_alone(project: Path) -> None:
    """A module of tests is nobody's library; a folder's own helpers stay in that folder; `bench` stands on top of all."""
    shared = ("tests.support", "tests.labels", "tests.corpus")  # the last two are data with a reader
    wrong = []
    for path in [*(project / "tests").rglob("*.py"), *(project / "bench").rglob("*.py")]:
        name = module_name(path, project)
        for imported in imported_names(path, name):
            if imported.startswith("bench.") and name.startswith("tests."):
                wrong.append(f"{name} imports {imported}")
            elif imported.startswith("tests.") and not imported.startswith(tuple(f"{one}." for one in shared)):
                own = imported.startswith(f"{name.rpartition('.')[0]}.")
                if not own or any(part.startswith("test_") for part in imported.split(".")[:-1]):
                    wrong.append(f"{name} imports {imported}")
    assert not wrong, "move what is shared to tests/support/"


def test_file_names_say_what_is_in_them(project: Path) -> None:
    nameless = [str(path) for top in ("archiver", "spiders", "tests", "bench", "docs") for path in (project / top).rglob("*.py")]
    assert not [path for path in nameless if Path(path).stem in SAYS_NOTHING]


def test_each_file_says_first_what_it_is(project: Path) -> None:
    paths = [path for top in ("archiver", "spiders") for path in (project / top).rglob("*.py")]
    silent = [
        str(path.relative_to(project)) for path in paths if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent, "the first line of a file says which noun or verb it is"


def test_the_library_s_face_loads_nothing_before_it_is_asked(modules: dict[str, Module]) -> None:
    assert modules[LIBRARY].imports == frozenset()
    script = "import sys, archiver; print(*[name for name in sys.modules if name.startswith('archiver.')])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split() == []


def test_the_command_line_starts_without_what_only_a_crawl_needs() -> None:
    # `archiver find` answers within 250 ms of a cold start; Scrapy alone takes 300 ms to import, measured 2026-11-22.
    heavy = ("scrapy", "twisted", "playwright", "trafilatura", "sqlite_utils", "PIL")
    script = f"import sys, archiver.cli; print(*[name for name in {heavy!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not loaded, "import these inside the function that needs them"
