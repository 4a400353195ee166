"""The documentation says what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from archiver.cli import cli


def all_commands() -> list[tuple[str, click.Command]]:
    context = click.Context(cli, info_name="archiver")
    return [(name, found) for name in cli.list_commands(context) if (found := cli.get_command(context, name)) is not None]


def test_generated_pages_are_up_to_date(project: Path) -> None:
    run = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=project, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(("name", "command"), [pytest.param(*pair, id=pair[0]) for pair in all_commands()])
def test_help_ends_in_an_example(name: str, command: click.Command) -> None:
    words = command.epilog or command.help or ""
    last = words.strip().splitlines()[-1].strip() if words.strip() else ""
    assert f"archiver {name}" in last, f"the help of `archiver {name}` must end in an example of its use"


@pytest.mark.parametrize(("name", "command"), [pytest.param(*pair, id=pair[0]) for pair in all_commands()])
def test_every_option_says_what_it_does(name: str, command: click.Command) -> None:
    mute = [
        option.opts[0] for option in command.params if isinstance(option, click.Option) and not option.help and not option.hidden
    ]
    assert not mute


def test_links_between_the_pages_lead_somewhere(project: Path) -> None:
    pages = [*project.glob("*.md"), *(project / "docs").rglob("*.md"), project / "archive" / "README.md"]
    broken = [
        f"{page.relative_to(project)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_the_make_commands_named_in_the_pages_exist(project: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (project / "Makefile").read_text(encoding="utf-8"), re.M))
    pages = [*project.glob("*.md"), *(project / "docs").rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named <= targets


# Files that a reader makes as a page tells, or that lie in an archive.
MADE_BY_READERS = {
    "archiver/platforms/pierpost.py",
    "tests/platforms/test_pierpost.py",
    "archive/archiver.toml",
    "settings.py",  # of their own Scrapy project, like the next
    "news/spiders/notebook.py",
}
PATH = re.compile(
    r"(?<![\w/.:<>*-])(?:[\w-]+/)*[\w-]+\.(?:py|sql|sh|cfg)\b|(?<![\w/.:<>*-])(?:archiver|spiders|tests|bench)/[\w./-]*\w/?"
)


def test_files_named_in_the_pages_exist_under_their_full_paths(project: Path) -> None:
    pages = [*project.glob("*.md"), *(project / "docs").rglob("*.md")]
    named = {(page.name, path) for page in pages for path in PATH.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 60
    missing = {
        (page, path)
        for page, path in named
        if path not in MADE_BY_READERS and not ((project / path).exists() or (project / f"{path}.py").exists())
    }
    assert missing == set()
