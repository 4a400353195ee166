#!/usr/bin/env python3
"""Writes the generated pages of this folder; with `--check` it only compares, and exits 1 where a page is out of date."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from archiver.cli import cli

DOCS = Path(__file__).parent
WIDTH = 100  # characters; whatever the terminal has, the page comes out the same

INTRODUCTION = """\
# The command line

<!-- Written by `make docs` out of the commands' own `--help`; change it there. -->

Exit codes: 0 all done · 1 a bug of ours · 2 wrong usage or configuration · 3 another run holds the archive ·
4 seeds or pages failed, they are listed and will be tried again · 5 none of them found · 6 the disk is full or not writable ·
7 verification failed · 130 interrupted, the same command goes on.
"""


def commands(
    command: click.Command, parent: click.Context | None = None, name: str = "archiver"
) -> Iterator[tuple[str, click.Context]]:
    """The command and all below it, depth first: its full name and a context that it can be asked in."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context.command_path, context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from commands(found, context, below)


def cli_page() -> str:
    """docs/cli.md, whole."""
    sections = [INTRODUCTION]
    for path, context in commands(cli):
        help_text = "\n".join(line.rstrip() for line in context.command.get_help(context).splitlines())
        sections.append(f"## {path}\n\n```\n{help_text.strip()}\n```\n")
    return "\n".join(sections)


def main(arguments: list[str]) -> int:
    pages = {DOCS / "cli.md": cli_page()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"docs/{path.name} is out of date: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], encoding="utf-8")
        print(f"wrote docs/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
