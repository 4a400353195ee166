"""`archiver platforms`."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.options import archive_option, json_option, network_options, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_lines
from archiver.config.settings import load_config
from archiver.errors import DoorsFailed, UsageError
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.platforms import Supported, named
from archiver.tasks.platforms import platforms as list_platforms
from archiver.text import printable_line

if TYPE_CHECKING:
    from archiver.tasks.probe.report import DoorReport

MAX_HOSTS = 4  # of a platform in the table; --json has all
MAX_MARKUP = 8


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--probe", "as_probe", is_flag=True, help="Ask the platforms for posts whose answer is known, by each door.")
@click.option(
    "--save",
    "save_to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --probe: write the replies of doors that fail into a folder each, as test cases to hand on.",
)
@click.option("--save-all", is_flag=True, help="With --save: of the doors that answer as well.")
@network_options
@archive_option
@json_option
@verbosity_options
def platforms(
    names: tuple[str, ...], as_probe: bool, save_to: Path | None, save_all: bool, data_dir: Path, as_json: bool, quiet: bool,
    verbose: bool, **options: Any,
) -> None:  # fmt: skip
    """List the platforms whose embeds are recognised, and what the archive holds of each; or probe whether they still answer.

    For each: its hosts, the markup of its own embed codes, where it is asked for more of a post. Frames, placeholders of lazy
    loaders and consent banners, AMP, oEmbed and addresses on a line of their own are looked at for all of them. A post counts as
    gone where its platform, when it was last asked, said so. Without an archive there are no counts.

    --probe asks each platform, or those of the NAMEs, for control posts: official ones that have been up for years, and one that
    is known to be gone; by each of its doors (its public addresses, its page for frames), by a short link, and for a picture. It
    says which doors answer, which are no longer understood and what they no longer say, which refuse, and what differs from the
    last probe. The replies are kept in the archive, and are no posts of it. Where a door fails, a line in archiver.toml may mend
    it: see docs/platforms.md. With `probe` in [run] of archiver.toml `archiver run` does it by itself.

    Exit codes: 0 all doors answer; 4 some do not, or say less than at the last probe.

    \b
    Example:
      archiver platforms
      archiver platforms --json | jq -r 'select(.asked == []).name'
      archiver platforms --probe twitter youtube
      archiver platforms --probe --save failing
    """
    platforms_asked = named(names)
    if as_probe:
        _probe(names, save_to, save_all, data_dir, as_json, quiet, options)
        return
    if save_to is not None or save_all or any(value not in (None, False, ()) for value in options.values()):
        raise UsageError("--save and what says how hosts are asked go with --probe: archiver platforms --probe")
    with _archive(data_dir) as archive:
        listed = [one for one in list_platforms(archive) if one.name in platforms_asked]
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


# --- the probe ----------------------------------------------------------------------------------------------------------------


def _probe(
    names: tuple[str, ...], save_to: Path | None, save_all: bool, data_dir: Path, as_json: bool, quiet: bool,
    options: dict[str, Any],
) -> None:  # fmt: skip
    from archiver.tasks.probe.cases import save_cases  # only a probe needs the network  # noqa: PLC0415
    from archiver.tasks.probe.probe import plan_of_probe, probe  # noqa: PLC0415

    if save_all and save_to is None:
        raise UsageError("--save-all goes with --save DIR")
    plan = plan_of_probe(data_dir, load_config(ArchivePaths(data_dir).config), **options)
    with progress_lines(quiet or as_json) as show:
        report = probe(plan, names, on_progress=lambda stats, url: show(printable_line(url)))
    told = set[tuple[str, str | None]]()
    for door in report.doors:
        if as_json:
            print_json(door.to_json())
        elif not (quiet and door.ok) and (door.platform, door.reason) not in told:
            _print_door(door)
            if door.post_id is None:  # without a control post all doors of a platform say the same
                told.add((door.platform, door.reason))
    if save_to is not None:
        saved = save_cases(save_to, report.doors if save_all else report.failed)
        if not (quiet or as_json):
            click.echo(printable_line(f"{count_of(len(saved), 'test case')} in {save_to}"), err=True)
    if report.failed:
        count = len({door.platform for door in report.failed})
        doors = count_of(len(report.failed), "door")
        raise DoorsFailed(
            f"{doors} of {count_of(count, 'platform')} {'does' if len(report.failed) == 1 else 'do'} not answer as known;"
            " what to write into archiver.toml, docs/platforms.md says"
        )


def _print_door(door: "DoorReport") -> None:
    from archiver.tasks.probe.probe import in_words  # noqa: PLC0415  as in `_probe`

    colour: str | None
    if door.wrong is not None:
        said, colour = f"{in_words(door.answer)}: {door.wrong}", "red"
    elif door.answer == "not_asked":
        said, colour = f"not asked: {door.reason}", None
    else:
        said, colour = in_words(door.answer) + (f": {', '.join(door.fields)}" if door.fields else ""), "green"
        if door.gone is not None:
            gone = "that it is gone" if door.gone.answer == "gone" else door.gone.reason
            said += f"; of a gone post: {gone}"
        said += f" ({door.reason})" if door.reason else ""
    name = click.style(f"{door.platform:12}", bold=True)
    click.echo(f"{name} {door.door if door.post_id is not None else '':12} {click.style(printable_line(said), fg=colour)}")
    for difference in door.differs:
        click.echo(f"{'':25} {printable_line(difference)}")
