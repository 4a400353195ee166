"""`archiver find`."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from archiver.cli.cards import print_card
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.errors import NothingFound, UsageError
from archiver.query.archive import Archive
from archiver.query.find import FindResults, file_named, looks_like_a_picture_file
from archiver.storage.index.results import Result
from archiver.text import printable_line


@click.command()
@click.argument("references", nargs=-1, metavar="REF...")
@archive_option
@json_option
@verbosity_options
def find(references: tuple[str, ...], data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Find posts by whatever scrap is left of them.

    REF is a short link (pic.twitter.com/x, pic.x.com/x, t.co/x), a post's URL in any form, an id, @handle, the address or key of
    a picture, a page's URL, a sha256, or an image file. A lone - reads references from standard input, one a line.

    An image file is looked for as it is, then pictures that look like it: scaled, compressed again, with a border, or cut by a
    few percent. These say how far they are from it, in bits of 256.

    Exit code 5: none of them was found.

    \b
    Example:
      archiver find pic.twitter.com/uOWxLTTvGP
      archiver find photo.jpg
      archiver find @AnonymousUK2022 --json | jq -r .text
    """
    wanted = [line for ref in references for line in (_lines(sys.stdin.read()) if ref == "-" else [ref])]
    if not wanted:
        raise UsageError("give something to find, such as pic.twitter.com/uOWxLTTvGP (see archiver find --help)")
    unknown = 0
    shown: set[Result] = set()  # several references may lead to one post
    with Archive.open(data_dir) as archive:
        for reference in wanted:
            results = look_up(archive, reference)
            if results and results.note and not quiet:
                click.echo(noted(results), err=True)
            if not results:
                unknown += 1
                if len(wanted) > 1 and not quiet:
                    why = f" ({printable_line(results.note)})" if results.note else ""
                    click.echo(f"archiver: {printable_line(reference)} is not known to this archive{why}", err=True)
            for result in results:
                if result in shown:
                    continue
                shown.add(result)
                if as_json:
                    print_json(result.to_json())
                else:
                    print_card(result)
    if unknown == len(wanted):
        raise NothingFound(f"none of {unknown} found in {data_dir}" if unknown > 1 else not_known(results, data_dir))


def look_up(archive: Archive, reference: str) -> FindResults:
    """What an argument of the command line leads to: a file where it names one that is there, else a scrap."""
    path = file_named(reference)
    if path is not None:
        return archive.find_file(path)
    results = archive.find(reference)
    return results if results or results.note else replace(results, note=_not_a_file(reference.strip()))


def noted(results: FindResults) -> str:
    """Why less was looked for, though something was found."""
    return f"archiver: {printable_line(results.scrap)}: {printable_line(results.note or '')}"


def not_known(results: FindResults, data_dir: Path) -> str:
    """That nothing was found, why perhaps, and what else may help."""
    words = f'; for words: archiver search "{results.scrap}"' if " " in results.scrap.strip() else ""
    note = f" ({results.note})" if results.note else ""
    return f"`{results.scrap}` is not known to the archive in {data_dir}{note}{words}"


def _not_a_file(reference: str) -> str | None:
    """Where it looks like the name of a file: that there is none to look for."""
    if "://" in reference or not ("/" in reference or "." in reference):
        return None
    try:
        if Path(reference).is_dir():
            return "it is a folder: give a file in it"
    except OSError:  # longer than a name may be
        return None
    return f"there is no file {reference}" if looks_like_a_picture_file(reference) else None


def _lines(text: str) -> list[str]:
    """One reference a line; a file's name may have spaces."""
    return [line for each in text.splitlines() if (line := each.strip())]
