"""`archiver find`."""

import sys
from pathlib import Path

import click

from archiver.archive import open_archive
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import one_line, print_card, print_json
from archiver.errors import NothingFound, UsageError
from archiver.storage.found import Found
from archiver.tasks.find import find as find_references


@click.command()
@click.argument("references", nargs=-1, metavar="REF...")
@archive_option
@json_option
@verbosity_options
def find(references: tuple[str, ...], data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Find posts by whatever scrap is left of them.

    REF is a short link (pic.twitter.com/x, pic.x.com/x, t.co/x), a post's URL in any form, an id, @handle, the address or key of
    a picture, a page's URL, a sha256, or an image file. A lone - reads references from standard input, one a line.

    Exit code 5: none of them was found.

    \b
    Example:
      archiver find pic.twitter.com/uOWxLTTvGP
      archiver find @AnonymousUK2022 --json | jq -r .text
    """
    wanted = [line for ref in references for line in (_lines(sys.stdin.read()) if ref == "-" else [ref])]
    if not wanted:
        raise UsageError("give something to find, such as pic.twitter.com/uOWxLTTvGP (see archiver find --help)")
    missing = 0
    shown: set[Found] = set()  # several references may lead to one post
    with open_archive(data_dir) as archive:
        for answer in find_references(archive, wanted):
            missing += not answer.found
            if not answer.found and not quiet and len(wanted) > 1:
                click.echo(f"archiver: {one_line(answer.reference)} is not known to this archive", err=True)
            for found in answer.found:
                if found in shown:
                    continue
                shown.add(found)
                if as_json:
                    print_json(found.to_json())
                else:
                    print_card(found)
    if missing == len(wanted):
        raise NothingFound(f"none of {len(wanted)} found in {data_dir}" if len(wanted) > 1 else _unknown(wanted[0], data_dir))


def _unknown(reference: str, data_dir: Path) -> str:
    words = f'; for words: archiver search "{reference}"' if " " in reference.strip() else ""
    return f"`{reference}` is not known to the archive in {data_dir}{words}"


def _lines(text: str) -> list[str]:
    """One reference a line; a file's name may have spaces."""
    return [line for each in text.splitlines() if (line := each.strip())]
