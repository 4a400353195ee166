"""`archiver verify`."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_bar
from archiver.errors import UsageError, VerificationFailed
from archiver.tasks.verify.problems import Note, Problem
from archiver.tasks.verify.progress import FileSelection, Sample
from archiver.tasks.verify.verify import VerifyReport
from archiver.tasks.verify.verify import verify as verify_archive
from archiver.text import printable_line
from archiver.times import to_iso

_SAMPLE = re.compile(r"(\d{1,9})|(\d{1,3}(?:\.\d{1,6})?)%")


class SampleType(click.ParamType[Sample]):
    """`10%` or `200`."""

    name = "sample"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Sample:
        match = _SAMPLE.fullmatch(value)
        count = int(match[1]) if match is not None and match[1] else None
        share = float(match[2]) / 100 if match is not None and match[2] else None
        if not (count or (share and share <= 1)):
            self.fail(f"{value!r} is neither a number of files, as 200, nor a share of them, as 10%", param, ctx)
        return Sample(count, share)


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only WARC files that were begun on this day or later."
)
@click.option(
    "--sample", type=SampleType(), metavar="N|N%", help="Only so many of them, or such a share: whole files, chosen at random."
)
@click.option("--seed", type=click.IntRange(0), metavar="NUMBER", help="Choose the files of a sample as an earlier run did.")
@click.option("--fresh", is_flag=True, help="Begin anew, also where an interrupted run had come further.")
@click.option(
    "--tsa-root",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Trust this certificate (PEM) for timestamps, and no other but those given so. Without it those of archiver.toml and "
    "those kept in the archive are trusted, which is enough for an archive of your own.",
)
@archive_option
@json_option
@verbosity_options
def verify(
    since: datetime | None, sample: Sample | None, seed: int | None, fresh: bool, roots: tuple[Path, ...], data_dir: Path,
    as_json: bool, quiet: bool, verbose: bool,
) -> None:  # fmt: skip
    """Look whether everything is as it was recorded. Nothing is changed, and a crawl may run meanwhile.

    Manifests, their chain and their timestamps; every record of the WARC files, against its own digests, against the manifest
    that seals its file, and against the index, both ways; screenshots against what their records say of them. Each problem is one
    line: the file, the byte and the record, what is wrong, what to do.

    Manifests are always looked at as a whole. --since and --sample choose WARC files, which are then read from end to end; the
    seed of a sample is printed. When it is interrupted, the same command goes on. docs/evidence.md says what all this proves.

    Exit code 0: all is well; 7: there are problems.

    \b
    Example:
      archiver verify
      archiver verify --since 2026-11-01 --sample 10% --json
    """
    if seed is not None and sample is None:
        raise UsageError("--seed chooses the files of a sample: give --sample too, as in --sample 10%")
    chosen = FileSelection(since.replace(tzinfo=UTC) if since is not None else None, sample, seed)
    with progress_bar("verifying", quiet=quiet or as_json, unit="bytes") as advance:
        listener = _Listener(as_json, quiet)
        report = verify_archive(data_dir, chosen, listener=listener, roots=roots, fresh=fresh, on_progress=advance)
    if as_json:
        print_json(_summary(report))
    else:
        for line in () if quiet else _lines(report):
            click.echo(line)
    if report.problems:
        advice = "each is listed above with what to do; `archiver repair` does what can be done here"
        raise VerificationFailed(f"{count_of(report.problems, 'problem')} in {data_dir}: {advice}")


class _Listener:
    """Prints progress, problems and the report."""

    def __init__(self, as_json: bool, quiet: bool) -> None:
        self._as_json, self._quiet = as_json, quiet

    def problem(self, problem: Problem) -> None:
        if self._as_json:
            print_json({"type": "problem", **asdict(problem)})
            return
        place = f", byte {problem.offset:,}" if problem.offset is not None else ""
        record = f", {problem.record_id}" if problem.record_id is not None else ""
        line = printable_line(f"{problem.file}{place}{record}: {problem.what}. What to do: {problem.remedy}")
        click.echo(f"{click.style(problem.kind, fg='red', bold=True)}  {line}")

    def note(self, note: Note) -> None:
        if self._as_json:
            print_json({"type": "note", **asdict(note)})
        elif not self._quiet:
            click.echo(f"{click.style('note', dim=True)}  {printable_line(f'{note.file}: {note.what}')}")


def _lines(report: VerifyReport) -> Iterator[str]:
    """What was looked at."""
    sealed = f", {report.sealed:,} of them in manifests" if report.files else ""
    of_all = f" of {report.files_there:,}" if report.files != report.files_there else ""
    looked = f"{count_of(report.files, 'WARC file')}{of_all}{sealed}, with {count_of(report.records, 'record')}"
    yield f"looked at {looked} in {report.bytes:,} bytes, and {count_of(report.screenshots, 'screenshot')}"
    if report.seed is not None:
        yield f"the files were chosen with --seed {report.seed}"
    if report.goes_on_from is not None:
        kept = f"{count_of(report.kept, 'file')} had been looked at by the run that began at {report.goes_on_from}"
        yield f"{kept}, and had not changed; --fresh reads all"
    signed = report.manifests.signed
    yield f"{count_of(len(report.manifests.manifests), 'manifest')}, {count_of(len(signed), 'timestamp')}"
    newest = report.manifests.newest
    if newest is not None:  # to be kept in another place: nothing in an archive shows that its end was cut off (docs/evidence.md)
        yield f"  the newest is number {newest.number:,}, {newest.name}, sha256 {newest.sha256}"
    for token in signed:
        at = to_iso(token.at) if token.at is not None else ""
        yield f"  {printable_line(f'{token.manifest} existed by {at}, says {token.authority} (trusted by {token.root})')}"
    if not report.problems:
        yield "no problems"


def _summary(report: VerifyReport) -> dict[str, object]:
    read, newest = report.manifests, report.manifests.newest
    tokens = [
        {"file": token.file, "manifest": token.manifest, "at": to_iso(token.at), "authority": token.authority, "root": token.root}
        for token in read.signed
        if token.at is not None
    ]
    return {
        "type": "summary",
        "problems": report.problems,
        "notes": report.notes,
        "files": report.files,
        "files_kept": report.kept,
        "files_there": report.files_there,
        "files_sealed": report.sealed,
        "records": report.records,
        "bytes": report.bytes,
        "screenshots": report.screenshots,
        "manifests": len(read.manifests),
        "newest_manifest": {"name": newest.name, "number": newest.number, "sha256": newest.sha256} if newest else None,
        "timestamps": tokens,
        "existed_by": {name: to_iso(at) for name, at in sorted(read.existed_by.items())},
        "seed": report.seed,
        "goes_on_from": report.goes_on_from,
    }
