"""`archiver extract`."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing

import click

from archiver.cli.options import json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.cli.progress import progress_lines
from archiver.errors import PagesUnread, UsageError
from archiver.model.findings import ExtractedPage
from archiver.tasks.extract.extract import extract as extract_pages
from archiver.tasks.extract.jobs import Unread
from archiver.text import printable_line

MAX_TOLD = 100  # of what could not be read, line by line; all of it is counted
SHOWN_EVERY_SECONDS = 0.1


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=lambda: len(os.sched_getaffinity(0)),
    metavar="N",
    help="Processes that read pages; by default as many as there are cores.",
)
@json_option
@verbosity_options
def extract(paths: tuple[str, ...], workers: int, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Say what saved pages embed, without an archive and without the network.

    PATH is an HTML, WARC, ARC or WACZ file, a folder of such files, or - for standard input. What cannot be read is named on
    standard error, and the exit code is 4 then.

    \b
    Example:
      archiver extract saved-pages/ --json
      archiver extract crawl.warc.gz collection.wacz
      curl -s https://blog.example/post | archiver extract -
    """
    if not paths:
        raise UsageError("give at least one file or folder: archiver extract saved-pages/")
    unread = 0
    # Results that run over a terminal are progress enough.
    with progress_lines(quiet or sys.stdout.isatty()) as show:
        place = _Place(show)
        pages = extract_pages(paths, standard_input=sys.stdin.buffer, workers=workers, on_progress=place.reached)
        with closing(pages):
            for extracted in pages:
                if isinstance(extracted, Unread) and not extracted.is_lost:
                    if not quiet:
                        click.echo(printable_line(f"note: {extracted.source} {extracted.why}"), err=True)
                    continue
                if isinstance(extracted, Unread):
                    unread += 1
                    _complain(extracted, unread)
                    continue
                place.page(extracted.source)
                if as_json:
                    print_json(extracted.to_json())
                else:
                    _print(extracted)
    if unread:
        raise PagesUnread(f"{unread:,} of the pages, or parts of files, could not be read; all others were")


class _Place:
    """Where the work is, for the progress line."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._pages = 0
        self._shown = 0.0

    def page(self, source: str) -> None:
        self._pages += 1
        self._tell(source)

    def reached(self, file: str, done: int, total: int) -> None:
        self._tell(f"{file}, {100 * done // max(total, 1)} %")

    def _tell(self, where: str) -> None:
        if time.monotonic() - self._shown >= SHOWN_EVERY_SECONDS:
            self._shown = time.monotonic()
            self._show(printable_line(f"{self._pages:,} pages read: {where}"))


def _complain(unread: Unread, count: int) -> None:
    if count <= MAX_TOLD:
        click.echo(printable_line(f"archiver: {unread.source} {unread.why}"), err=True)
    elif count == MAX_TOLD + 1:
        click.echo("archiver: and more, which are counted at the end", err=True)


def _print(extracted: ExtractedPage) -> None:
    click.echo(click.style(printable_line(f"{extracted.source}: {extracted.title or '(no title)'}"), bold=True))
    for embed in extracted.embeds:
        who = printable_line(f"@{embed.author}") if embed.author else ""
        name = embed.url or " ".join(embed.short_links) or "a post without an address"
        click.echo(f"  {embed.position:3} {embed.platform} {embed.kind.value:11} {who:20} {printable_line(name)}")
        if embed.text:
            click.echo(f"      {printable_line(embed.text)[:160]}")
    for link in extracted.links:
        click.echo(f"      links to {printable_line(link.url)}")
