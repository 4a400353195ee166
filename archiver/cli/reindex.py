"""`archiver reindex`."""

from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.cli.progress import progress_bar
from archiver.tasks.reindex import reindex as make_index_anew


@click.command()
@archive_option
@json_option
@verbosity_options
def reindex(data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make index.db anew from the WARC files. The old index stays in use until the new one is whole.

    \b
    Example:
      archiver reindex --archive ./archive
    """
    with progress_bar("reading", quiet=quiet or as_json, unit="bytes") as advance:
        report = make_index_anew(data_dir, on_progress=advance)
    if as_json:
        print_json({"files": report.files, "records": report.records})
    elif not quiet:
        click.echo(f"{report.records:,} records of {report.files:,} WARC files are indexed")
