"""`archiver show`."""

from pathlib import Path

import click

from archiver.cli.cards import print_card
from archiver.cli.find import look_up, not_known, noted
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.errors import NothingFound
from archiver.query.archive import Archive


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--save", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write the bytes out.")
@archive_option
@json_option
@verbosity_options
def show(reference: str, folder: Path | None, data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show everything about one post: text, pictures, pages that embed it, what its sources state, and each WARC record.

    REF is anything that `archiver find` takes. `--save` writes pictures, pages, replies and screenshots into a folder
    of the post's own.

    \b
    Example:
      archiver show pic.twitter.com/uOWxLTTvGP --save found
    """
    with Archive.open(data_dir) as archive:
        results = look_up(archive, reference)
        if not results:
            raise NothingFound(not_known(results, data_dir))
        if results.note and not quiet:
            click.echo(noted(results), err=True)
        for result in results:
            if as_json:
                print_json(result.to_json(full=True))
            elif folder is None or not quiet:
                print_card(result, full=True)
            for path in archive.save(result, folder) if folder is not None else ():
                if not quiet:
                    click.echo(f"wrote {path}", err=as_json)
