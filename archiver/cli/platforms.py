"""`archiver platforms`."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.platforms import Supported
from archiver.tasks.platforms import platforms as list_platforms
from archiver.text import printable_line

MAX_HOSTS = 4  # of a platform in the table; --json has all
MAX_MARKUP = 8


@click.command()
@archive_option
@json_option
@verbosity_options
def platforms(data_dir: Path, as_json: bool, quiet: bool, verbose: bool) -> None:
    """List the platforms whose embeds are recognised, and what the archive holds of each.

    For each: its hosts, the markup of its own embed codes, where it is asked for more of a post. Frames, placeholders of lazy
    loaders and consent banners, AMP, oEmbed and addresses on a line of their own are looked at for all of them. A post counts as
    gone where its platform, when it was last asked, said so. Without an archive there are no counts.

    \b
    Example:
      archiver platforms
      archiver platforms --json | jq -r 'select(.asked == []).name'
    """
    with _archive(data_dir) as archive:
        listed = list(list_platforms(archive))
    if as_json:
        for one in listed:
            counts = one.counts
            print_json(
                {name: value for name, value in asdict(one).items() if name != "counts"}
                | {
                    "embeds": counts.embeds if counts else None,
                    "posts": counts.posts if counts else None,
                    "told": counts.answered if counts else None,
                    "gone": counts.gone if counts else None,
                }
            )
        return
    for one in listed:
        click.echo(f"{click.style(f'{one.name:12}', bold=True)} {one.title}")
        for label, value in _lines(one):
            click.echo(f"  {click.style(f'{label:10}', dim=True)} {printable_line(value)}")
    if archive is None and not quiet:
        click.echo(f"no counts: there is no archive in {printable_line(str(data_dir))}", err=True)


def _archive(data_dir: Path) -> Archive | nullcontext[None]:
    paths = ArchivePaths(data_dir)
    return Archive.open(data_dir) if paths.index.exists() or paths.warc_dir.is_dir() else nullcontext()


def _lines(one: Supported) -> list[tuple[str, str]]:
    lines = [
        ("hosts", ", ".join([*_some(one.hosts, MAX_HOSTS), *(["any host"] if one.any_host else [])])),
        ("markup", ", ".join(_some(one.markup, MAX_MARKUP))),
        ("example", one.example),
        ("asked at", ", ".join(one.asked) or "nowhere: the embed is all there is"),
    ]
    counts = one.counts
    if counts is not None and (counts.posts or counts.embeds):
        posts = f"{counts.posts:,} posts; the platform answered for {counts.answered:,}"
        lines.append(("archived", f"{counts.embeds:,} embeds, {posts}, {counts.gone:,} are gone"))
    return [(label, value) for label, value in lines if value]


def _some(items: tuple[str, ...], limit: int) -> list[str]:
    more = len(items) - limit
    return [*items[:limit], f"and {more} more"] if more > 0 else list(items)
