"""`archiver repair`."""

from dataclasses import asdict
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_bar
from archiver.errors import VerificationFailed
from archiver.tasks.repair.context import LostContent, RepairFinding
from archiver.tasks.repair.repair import RepairReport
from archiver.tasks.repair.repair import repair as mend
from archiver.text import printable_line


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is wrong and what would be done. Nothing is written.")
@click.option(
    "--from", "source", metavar="DEST", help="A backup, as `archiver backup` made it: a folder, or a URL such as s3://…"
)
@archive_option
@json_option
@verbosity_options
def repair(dry_run: bool, source: str | None, data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Rebuild what can be rebuilt, and say what cannot.

    Looks at all of the archive: torn ends of WARC files are kept in torn/ and cut off; what is not indexed is indexed; an index
    that is lost, damaged or does not agree with the files is made anew; a damaged state.db is moved aside; screenshots and
    thumbnails that are missing or damaged are made anew; files in no manifest get into one. With --from, files and manifests that
    are missing or damaged come back from a backup, where they are as the manifest says. Were manifests lost, then begin with
    that: without it files are sealed anew. Nothing that was recorded is thrown away: damaged files and databases are kept under
    another name. Done once more, there is nothing to do.

    Exit code 0 when all is well afterwards; 7: something remains, or with --dry-run: something is wrong; 3: a crawl is running.

    \b
    Example:
      archiver repair --dry-run
      archiver repair --from /mnt/backup/archive
    """
    report = mend(
        data_dir,
        source=source,
        dry_run=dry_run,
        progress=lambda name, unit: progress_bar(name, quiet=quiet or as_json, unit=unit),
    )
    for finding in report.findings:
        if as_json:
            print_json(asdict(finding))
        elif not quiet or finding.remedy:
            _print(finding, dry_run)
    if as_json:
        print_json({"kind": "summary", "dry_run": dry_run, "repaired": report.repaired, "remaining": report.remaining})
    elif not quiet:
        click.echo(_summary(report, dry_run))
    if report.remaining or (dry_run and report.findings):
        raise VerificationFailed(_verdict(report, dry_run))


def _print(finding: RepairFinding, dry_run: bool) -> None:
    name = f"{finding.file}: " if finding.file else ""
    click.echo(printable_line(f"{name}{finding.what}"))
    if finding.done is not None:
        click.echo(f"    {'(without --dry-run) ' if dry_run else ''}{printable_line(finding.done)}")
    if finding.lost is not None:
        for line in _lost_lines(finding.lost):
            click.echo(f"    {printable_line(line)}")
    if finding.remedy is not None:
        click.echo(f"    {printable_line(finding.remedy)}")


def _lost_lines(lost: LostContent) -> list[str]:
    """What was in the file, and what there still is of it."""
    lines = [f"{count_of(lost.captures, 'capture')} of {count_of(lost.pages_in_all, 'page')} cannot be read"]
    lines += list(lost.pages)
    if lost.pages_in_all > len(lost.pages):
        lines.append(f"and {count_of(lost.pages_in_all - len(lost.pages), 'more page')}")
    if lost.kept:
        lines.append(
            f"{count_of(lost.kept, 'screenshot or thumbnail', 'screenshots and thumbnails')} of them are still there, and stay"
        )
    return lines


def _summary(report: RepairReport, dry_run: bool) -> str:
    if not report.findings:
        return "nothing to repair"
    done = "can be repaired" if dry_run else "repaired"
    rest = f", {report.remaining:,} cannot" if dry_run else f", {report.remaining:,} remain"
    return f"{report.repaired:,} {done}{rest if report.remaining else ''}"


def _verdict(report: RepairReport, dry_run: bool) -> str:
    if dry_run and report.repaired:
        return f"{count_of(report.repaired, 'thing')} can be repaired: the same command without --dry-run does it"
    return f"{count_of(report.remaining, 'thing')} could not be repaired: see what is printed of each"
