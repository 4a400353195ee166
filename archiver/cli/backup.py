"""`archiver backup`."""

from dataclasses import asdict
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_bar
from archiver.errors import VerificationFailed
from archiver.tasks.backup.backup import BackupReport
from archiver.tasks.backup.backup import backup as copy_what_is_new
from archiver.text import printable_line

_INDEX = {
    "waiting": "the copy of the index waits as well: it would refer to these files",
    "missing": "there is no index to copy: `archiver reindex` makes it",
}


@click.command()
@click.argument("dest", metavar="DEST")
@click.option("--verify", is_flag=True, help="Read all copies again first, and make those anew that are damaged.")
@archive_option
@json_option
@verbosity_options
def backup(dest: str, verify: bool, data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Copy what is new to DEST: a folder, or a URL that fsspec knows (s3://BUCKET/PATH).

    WARC files that are sealed are copied, each checked against its manifest on the way; then manifests, timestamps, screenshots,
    archiver.toml and the index. It may run beside a crawl, and be interrupted: the same command goes on. Nothing is deleted at
    DEST, and nothing that is damaged takes the place of a good copy.

    \b
    Example:
      archiver backup /mnt/backup/archive --archive ./archive
      archiver backup s3://my-bucket/archive --verify
    """
    with progress_bar("copying", quiet=quiet or as_json, unit="bytes") as advance:
        report = copy_what_is_new(data_dir, dest, verify=verify, on_progress=advance)
    if as_json:
        print_json(asdict(report))
    elif not quiet:
        _tell(report, verify)
    for problem in report.problems:
        click.echo(printable_line(f"{problem.file}: {problem.what}; {problem.remedy}"), err=True)
    if report.problems:
        raise VerificationFailed(
            f"{count_of(len(report.problems), 'problem')} with these files; everything else is in {report.dest}"
        )


def _tell(report: BackupReport, verified: bool) -> None:
    if verified:
        click.echo(f"{count_of(report.verified, 'copy', 'copies')} read again")
    total = f"it has {count_of(report.kept, 'file')} of this archive"
    click.echo(printable_line(f"{count_of(report.files, 'file')} with {report.bytes:,} bytes copied to {report.dest}; {total}"))
    if report.waiting.files:
        verb = "waits" if report.waiting.files == 1 else "wait"
        what = f"{count_of(report.waiting.files, 'WARC file')} with {report.waiting.bytes:,} bytes"
        click.echo(f"{what} {verb} to be sealed: a crawl writes there, or the next one seals what an interrupted one left")
    if report.index in _INDEX:
        click.echo(_INDEX[report.index])
