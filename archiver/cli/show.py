"""`archiver show`."""

from pathlib import Path

import click

from archiver.cli.find import noted, unknown
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_card, print_json
from archiver.errors import NothingFound
from archiver.query.archive import open_archive
from archiver.query.export import save
from archiver.query.find import find


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--save", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write the bytes out.")
@archive_option
@json_option
@verbosity_options
def show(reference: str, folder: Path | None, data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show everything about one post: text, pictures, pages that embed it, who said what when, and each WARC record.

    REF is anything that `archiver find` takes. `--save` writes pictures, pages, replies and screenshots into a folder
    of the post's own.

    \b
    Example:
      archiver show pic.twitter.com/uOWxLTTvGP --save found
    """
    with open_archive(data_dir) as archive:
        answer = next(find(archive, [reference]))
        if not answer.found:
            raise NothingFound(unknown(reference, answer.note, data_dir))
        if answer.note and not quiet:
            click.echo(noted(answer), err=True)
        for found in answer.found:
            if as_json:
                print_json(found.to_json(full=True))
            elif folder is None or not quiet:
                print_card(found, full=True)
            for path in save(archive, found, folder) if folder is not None else ():
                if not quiet:
                    click.echo(f"wrote {path}", err=as_json)
