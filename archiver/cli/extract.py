"""`archiver extract`."""

import sys

import click

from archiver.cli.options import json_option, verbosity_options
from archiver.cli.printing import one_line, print_json
from archiver.errors import UsageError
from archiver.tasks.extract import STANDARD_INPUT, ExtractedPage, to_json
from archiver.tasks.extract import extract as extract_pages


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@json_option
@verbosity_options
def extract(paths: tuple[str, ...], as_json: bool, quiet: bool, verbose: bool) -> None:
    """Say what saved pages embed, without an archive and without the network.

    PATH is an HTML file, a folder of them, or - for standard input.

    \b
    Example:
      archiver extract saved-pages/ --json
      curl -s https://blog.example/post | archiver extract -
    """
    if not paths:
        raise UsageError("give at least one file or folder: archiver extract saved-pages/")
    standard_input = sys.stdin.buffer.read() if STANDARD_INPUT in paths else b""
    for extracted in extract_pages(paths, standard_input=standard_input):
        if as_json:
            print_json(to_json(extracted))
        else:
            _print(extracted)


def _print(extracted: ExtractedPage) -> None:
    page, found = extracted.page, extracted.found
    click.echo(click.style(one_line(f"{extracted.source}: {page.title or '(no title)'}"), bold=True))
    for embed in found.embeds:
        who = one_line(f"@{embed.author}") if embed.author else ""
        name = embed.url or " ".join(embed.short_links) or "a post without an address"
        click.echo(f"  {embed.position:3} {embed.platform} {embed.kind.value:11} {who:20} {one_line(name)}")
        if embed.text:
            click.echo(f"      {one_line(embed.text)[:160]}")
    for link in found.links:
        click.echo(f"      links to {one_line(link.url)}")
