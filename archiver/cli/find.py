"""`archiver find`."""

import sys
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_card, print_json
from archiver.errors import NothingFound, UsageError
from archiver.query.archive import open_archive
from archiver.query.find import Answer
from archiver.query.find import find as find_references
from archiver.storage.index.results import Found
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
    missing, note = 0, None
    shown: set[Found] = set()  # several references may lead to one post
    with open_archive(data_dir) as archive:
        for answer in find_references(archive, wanted):
            note = answer.note
            missing += not answer.found
            if not answer.found and not quiet and len(wanted) > 1:
                why = f" ({printable_line(answer.note)})" if answer.note else ""
                click.echo(f"archiver: {printable_line(answer.reference)} is not known to this archive{why}", err=True)
            if answer.found and answer.note and not quiet:
                click.echo(noted(answer), err=True)
            for found in answer.found:
                if found in shown:
                    continue
                shown.add(found)
                if as_json:
                    print_json(found.to_json())
                else:
                    print_card(found)
    if missing == len(wanted):
        several = f"none of {len(wanted)} found in {data_dir}"
        raise NothingFound(several if len(wanted) > 1 else unknown(wanted[0], note, data_dir))


def noted(answer: Answer) -> str:
    """Why less was looked for, though something was found."""
    return f"archiver: {printable_line(answer.reference)}: {printable_line(answer.note or '')}"


def unknown(reference: str, note: str | None, data_dir: Path) -> str:
    """That nothing was found, why perhaps, and what else may help."""
    words = f'; for words: archiver search "{reference}"' if " " in reference.strip() else ""
    return f"`{reference}` is not known to the archive in {data_dir}{f' ({note})' if note else ''}{words}"


def _lines(text: str) -> list[str]:
    """One reference a line; a file's name may have spaces."""
    return [line for each in text.splitlines() if (line := each.strip())]
