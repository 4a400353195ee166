"""`archiver reindex`."""

from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_bar
from archiver.errors import BadRecord
from archiver.tasks.previews import remake_previews
from archiver.tasks.reindex import MAX_SHOWN
from archiver.tasks.reindex import reindex as make_index_anew
from archiver.text import printable_line


@click.command()
@archive_option
@json_option
@verbosity_options
def reindex(data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make index.db anew from the WARC files. The old index stays in use until the new one is whole.

    Then the files in screenshots/ that are missing are made anew, from the same WARC files. When that is interrupted, the same
    command goes on with it.

    \b
    Example:
      archiver reindex --archive ./archive
    """
    with progress_bar("reading", quiet=quiet or as_json, unit="bytes") as advance:
        report = make_index_anew(data_dir, on_progress=advance)
    if not (quiet or as_json):
        click.echo(f"{count_of(report.records, 'record')} of {count_of(report.files, 'WARC file')} are indexed")
        for url, reason in report.unreadable[:MAX_SHOWN]:
            line = f"note: {url} is kept, and could not be read: {reason}. This is a bug of ours; please report it"
            click.echo(printable_line(line), err=True)
        if report.unreadable_count > MAX_SHOWN:
            click.echo(f"note: and {report.unreadable_count - MAX_SHOWN:,} more responses", err=True)
    with progress_bar("screenshots", quiet=quiet or as_json, unit="files") as advance:
        pictures = remake_previews(data_dir, advance)
    if as_json:
        made = {"screenshots_made": pictures.made, "screenshots_skipped": pictures.skipped}
        print_json({"files": report.files, "records": report.records, **made, "unread": report.unreadable})
    elif not quiet and pictures.made + pictures.skipped:
        skipped = f"; {pictures.skipped:,} more could not be made" if pictures.skipped else ""
        click.echo(f"{count_of(pictures.made, 'missing file')} made in screenshots/{skipped}")
    if report.unread:
        for reason in report.unread:
            click.echo(printable_line(f"failed: {reason}"), err=True)
        raise BadRecord(f"{count_of(len(report.unread), 'WARC file')} could not be read; all others are indexed")
