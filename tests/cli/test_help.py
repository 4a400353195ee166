"""Help: every command has it, and every command's ends in an example."""

import subprocess
import sys

import click
import pytest

from archiver import __version__
from archiver.cli import COMMANDS, cli, run
from tests.support.program import archiver, environment


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_ends_in_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0

    text = capsys.readouterr().out.partition("Options:")[0].rstrip()
    *_, example = text.split("\n\n")
    first, *commands = (line.strip() for line in example.splitlines())
    assert first == "Example:"
    assert commands and all(line.startswith(f"archiver {name}") for line in commands if line.startswith("archiver"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_use_options_that_there_are(name: str) -> None:
    known = {option for each in command(name).params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    example = (command(name).help or "").rpartition("Example:")[2]

    assert {word for word in example.split() if word.startswith("--")} <= known


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"demo", "sampleweb", "extract"}))
def test_every_command_on_an_archive_takes_the_options_that_all_take(name: str) -> None:
    options = {option for each in command(name).params for option in each.opts}

    assert {"--archive", "--json", "-q", "-v"} <= options


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{name} {option.opts[0]}"
        for name in COMMANDS
        for option in command(name).params
        if isinstance(option, click.Option) and not option.help and option.opts[0] != "--limit"
    ]
    assert silent == []


def test_help_without_a_command_lists_them_all() -> None:
    ended = archiver("--help")

    assert ended.code == 0
    assert all(f"  {name} " in ended.out for name in COMMANDS)


def test_no_command_at_all_shows_the_help_and_is_wrong_usage() -> None:
    ended = archiver()

    assert ended.code == 2
    assert "Commands:" in ended.out + ended.err


def test_version_names_program_and_number() -> None:
    ended = archiver("--version")

    assert ended.code == 0
    assert ended.out.split() == ["archiver,", "version", __version__]


@pytest.mark.parametrize("command", ["find", "search", "list", "show", "status"])
def test_a_command_that_reads_does_not_load_what_only_a_crawl_needs(command: str) -> None:
    # A cold start must stay under a quarter of a second, so whoever imports these at the top of a file breaks it. `status` took
    # 150 ms more when it loaded the session of a crawl for the name of a job (seen 2026-11).
    only_in_crawls = {
        "scrapy", "twisted", "playwright", "sqlite_utils", "PIL", "trafilatura", "rich", "archiver.crawling.session",
        "archiver.recording.recorder",
    }  # fmt: skip
    code = (
        f"import sys; from archiver.cli import run; run([{command!r}, '--help'])\n"
        f"print(*sorted({only_in_crawls!r} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)

    assert ended.stdout.splitlines()[-1] == ""
