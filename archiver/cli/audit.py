"""`archiver audit`."""

import sys
from pathlib import Path

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import count_of, print_json, waiting_line
from archiver.errors import NothingFound, UsageError
from archiver.query.archive import Archive
from archiver.storage.state.requeue_list import RequeueCounts
from archiver.tasks.audit.audit import MINIMUM, Audit, QualityCounts, audited
from archiver.tasks.audit.audit import requeue as requeue_posts
from archiver.tasks.audit.reasons import Assessment
from archiver.text import printable_line


@click.command()
@click.argument("references", nargs=-1, metavar="[REF...]")
@click.option("--requeue", is_flag=True, help="Queue those that can be improved for the next crawl or `archiver render`.")
@click.option(
    "--min",
    "minimum",
    type=click.FloatRange(0, 1),
    default=MINIMUM,
    show_default=True,
    metavar="FIGURE",
    help="List those below, besides those that can be improved.",
)
@archive_option
@json_option
@verbosity_options
def audit(
    references: tuple[str, ...], requeue: bool, minimum: float, data_dir: Path, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Judge how well posts, and the pages that embed them, were captured: a figure from 0 to 1 for each.

    REF is anything that `archiver find` takes, and a lone - reads them from standard input; without any, all are judged. A post
    is judged by its text, pictures in original size, screenshot, author and date; a page by its title, view, full page, the
    places of its embeds, and whether their posts are complete. What cannot be had does not count, such as a picture of what was
    gone before anybody asked. Those below the minimum, and those that can be improved, are listed with the reasons, worst first.

    Exit code 0 whatever the figures; 5: none of the REFs is known.

    \b
    Example:
      archiver audit --requeue
      archiver audit https://blog.example/2022/09/a-post/ --min 0.5 --json
    """
    given = (line for ref in references for line in (sys.stdin.read().splitlines() if ref == "-" else [ref]))
    wanted = tuple(dict.fromkeys(each for line in given if (each := line.strip())))
    if references and not wanted:  # an empty list is not all that there is
        raise UsageError("give what to judge, or nothing at all for everything: archiver audit https://blog.example/a-post/")
    with Archive.open(data_dir) as archive, audited(archive, wanted, minimum) as found:
        _tell_unknown(found.unknown, len(wanted), data_dir, quiet)
        for one in found.bad():
            if as_json:
                print_json(_line(one))
            else:
                _print(one)
        waiting = requeue_posts(archive, found) if requeue else None
    if as_json:
        print_json(_summary(found, waiting))
        return
    click.echo(f"{_counts(found.posts, 'post')}; {_counts(found.pages, 'page')}")
    if waiting is not None:
        click.echo(waiting_line(waiting))
    elif not quiet and found.posts.mendable + found.pages.mendable:
        click.echo("what can be improved is done again by the next crawl or `archiver render` after `archiver audit --requeue`")


def _tell_unknown(unknown: tuple[str, ...], asked: int, data_dir: Path, quiet: bool) -> None:
    if unknown and len(unknown) == asked:
        raise NothingFound(f"{', '.join(f'`{one}`' for one in unknown)}: not known to the archive in {data_dir}")
    for reference in () if quiet else unknown:
        click.echo(f"archiver: {printable_line(reference)} is not known to this archive", err=True)


def _line(one: Assessment) -> dict[str, object]:
    return {
        "kind": one.kind,
        "platform": one.platform,
        "post_id": one.post_id,
        "url": one.url,
        "figure": one.figure,
        "mendable": one.mendable,
        "reasons": one.reasons,
        "parts": one.parts,
    }


def _summary(found: Audit, waiting: RequeueCounts | None) -> dict[str, object]:
    return {
        "kind": "summary",
        "minimum": found.minimum,
        "posts": _tally(found.posts),
        "pages": _tally(found.pages),
        "requeued": {"posts": waiting.posts, "pages": waiting.pages} if waiting is not None else None,
    }


def _tally(tally: QualityCounts) -> dict[str, float | None]:
    return {"count": tally.count, "mean": tally.mean, "bad": tally.bad, "mendable": tally.mendable}


def _print(one: Assessment) -> None:
    name = f"{one.platform} {one.post_id} {one.url}" if one.platform else f"page {one.url}"
    click.echo(f"{click.style(f'{one.figure:.2f}', bold=True)}  {printable_line(name)}")
    for reason in one.reasons:
        click.echo(f"      {printable_line(reason)}")


def _counts(tally: QualityCounts, noun: str) -> str:
    if tally.mean is None:
        return f"no {noun}s"
    counts = f"{tally.bad:,} listed, {tally.mendable:,} can be improved"
    return f"{count_of(tally.count, noun)} with {tally.mean:.2f} on average, {counts}"
