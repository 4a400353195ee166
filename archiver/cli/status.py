"""`archiver status`."""

from dataclasses import asdict
from pathlib import Path

import click

from archiver.archive import open_archive
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import one_line, print_json
from archiver.tasks.status import status as read_status


@click.command()
@archive_option
@json_option
@verbosity_options
def status(data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Say what is in the archive, and what waits to be done.

    \b
    Example:
      archiver status --archive ./archive
    """
    with open_archive(data_dir) as archive:
        now = read_status(archive)
    if as_json:
        print_json(asdict(now))
        return
    click.echo(click.style(f"{now.archive}", bold=True))
    click.echo(f"  {now.pages:,} pages, {now.embeds:,} embeds of {now.posts:,} posts ({now.posts_with_text:,} with text)")
    click.echo(f"  {now.media:,} pictures and videos, {now.captures:,} captures, {now.failures:,} requests without an answer")
    click.echo(f"  {now.warc_files:,} WARC files with {now.warc_bytes:,} bytes, index {now.index_bytes:,} bytes")
    if now.first_captured_at:
        click.echo(f"  from {now.first_captured_at[:19]}Z to {(now.last_captured_at or '')[:19]}Z")
    if now.waiting is None:
        click.echo("  what waits for the next run is not known: state.db cannot be read. Moving it away is safe")
    elif now.waiting:
        click.echo(f"  {now.waiting:,} requests wait for the next run of the same crawl")
    for crawl in now.crawls:
        line = f"{crawl['started_at'][:19]}Z {crawl['job']}: {crawl['ended']}  {' '.join(crawl['seeds'])}"
        click.echo(f"  {one_line(line)}")
