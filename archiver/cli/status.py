"""`archiver status`."""

from dataclasses import asdict
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json, waiting_line
from archiver.query.archive import Archive
from archiver.tasks.status import status as read_status
from archiver.text import printable_line


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
    with Archive.open(data_dir) as archive:
        now = read_status(archive)
    if as_json:
        print_json(asdict(now))
        return
    click.echo(click.style(f"{now.archive}", bold=True))
    posts = f"{count_of(now.posts, 'post')} ({now.posts_with_text:,} with text)"
    click.echo(f"  {count_of(now.pages, 'page')}, {count_of(now.embeds, 'embed')} of {posts}")
    media, silent = count_of(now.media, "picture or video", "pictures and videos"), count_of(now.failures, "request")
    click.echo(f"  {media}, {count_of(now.captures, 'capture')}, {silent} without an answer")
    if now.pictures_without_hash:
        verb = "has" if now.pictures_without_hash == 1 else "have"
        unhashed = f"{count_of(now.pictures_without_hash, 'picture')} {verb} no hash to be found by yet"
        click.echo(f"  {unhashed}: `archiver reindex` makes them")
    if now.screenshots or now.screenshots_other or now.renders_failed:
        others = f", {now.screenshots_other:,} more that do not show all" if now.screenshots_other else ""
        failed = (
            f"; {count_of(now.renders_failed, 'post or page', 'posts and pages')} could not be rendered"
            if now.renders_failed
            else ""
        )
        click.echo(f"  {count_of(now.screenshots, 'good screenshot')}{others}{failed}")
    click.echo(f"  {count_of(now.warc_files, 'WARC file')} with {now.warc_bytes:,} bytes, index {now.index_bytes:,} bytes")
    if now.first_captured_at:
        click.echo(f"  from {now.first_captured_at[:19]}Z to {(now.last_captured_at or '')[:19]}Z")
    if now.waiting is None:
        click.echo("  what waits for the next run is not known: state.db cannot be read. Moving it away is safe")
    elif now.waiting:
        click.echo(
            f"  {count_of(now.waiting, 'request')} {'waits' if now.waiting == 1 else 'wait'} for the next run of the same crawl"
        )
    if now.requeued is not None and now.requeued.posts + now.requeued.pages:
        click.echo(f"  {waiting_line(now.requeued)}")
    if now.jobs is None:
        click.echo("  which jobs are due is not known: `archiver run --list` says why")
    elif now.jobs:
        click.echo(f"  {count_of(now.jobs, 'job')}, due: {', '.join(now.jobs_due) or 'none'}")
    for crawl in now.crawls:
        line = f"{crawl['started_at'][:19]}Z {crawl['job']}: {crawl['ended']}  {' '.join(crawl['seeds'])}"
        click.echo(f"  {printable_line(line)}")
