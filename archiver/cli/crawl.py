"""`archiver crawl`."""

from pathlib import Path
from typing import Any

import click

from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import one_line, print_json
from archiver.cli.progress import progress_lines
from archiver.config import load_config, parse_duration, parse_size, with_overrides
from archiver.errors import SeedsFailed, UsageError
from archiver.paths import ArchivePaths
from archiver.session import MAX_LISTED as MAX_NAMED
from archiver.session import CrawlPlan, Tally
from archiver.tasks.crawl import CrawlReport
from archiver.tasks.crawl import crawl as run_crawl

MAX_LISTED = 20  # failures that are printed; the index has all


@click.command()
@click.argument("urls", nargs=-1, metavar="URL...")
@click.option("--scope", type=click.Choice(["page", "feed", "prefix", "site"]), help="Default: by what the URL is.")
@click.option("--max-pages", type=click.IntRange(1), metavar="N", help="Stop after N pages; a later run begins again.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what feeds and sitemaps date so, or later."
)
@click.option("--include", multiple=True, metavar="REGEX", help="Only pages whose address matches; may be repeated.")
@click.option("--exclude", multiple=True, metavar="REGEX", help="No pages whose address matches; may be repeated.")
@click.option("--max-bytes", metavar="SIZE", help="Of one response; the rest is cut off and marked.  [default: 100MB]")
@click.option("--max-time", metavar="TIME", help="For one response; the rest is cut off and marked.  [default: 120s]")
@click.option(
    "--delay",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Between two requests to one host.  [default: 1 for sites, each platform's own pace for platforms]",
)
@click.option("--concurrency", type=click.IntRange(1, 256), metavar="N", help="Requests under way at once.  [default: 8]")
@click.option("--ignore-robots", metavar="REASON", help="Do not obey robots.txt; the reason is recorded in the archive.")
@click.option(
    "--proxy", metavar="URL", help="http://[user:password@]host:port. The names of hosts are then resolved by the proxy."
)
@click.option(
    "--cacert", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Trust these authorities as well."
)
@click.option(
    "--connect-to", multiple=True, metavar="HOST:PORT:ADDR:PORT", help="As curl's; ::127.0.0.1:8443 sends every host there."
)
@click.option("--allow-private", is_flag=True, help="Let private and loopback addresses be asked; else they are refused.")
@archive_option
@json_option
@verbosity_options
def crawl(
    urls: tuple[str, ...], scope: str | None, since: object, include: tuple[str, ...], exclude: tuple[str, ...],
    max_bytes: str | None, max_time: str | None, data_dir: Path, as_json: bool, quiet: bool, verbose: bool, **options: Any,
) -> None:  # fmt: skip
    """Archive pages, the posts they embed, and their pictures.

    URL is a page, a feed, a sitemap, a post, or a whole site (https://blog.example/). Pages are asked for again only if they
    changed; posts and pictures that the archive holds are not asked for again. An interrupted crawl goes on where it stopped
    when the same command is given again. Settings that are always the same can stand in archiver.toml, in the archive's folder.

    Exit code 4: seeds or pages failed; they are listed, and tried again by the same command.

    \b
    Example:
      archiver crawl https://blog.example/ --max-pages 200
      archiver crawl https://blog.example/2022/09/a-post/ https://blog.example/feed/
    """
    if not urls:
        raise UsageError("give at least one URL: archiver crawl https://blog.example/")
    if max_bytes is not None:
        options["max_bytes"] = parse_size(max_bytes)
    if max_time is not None:
        options["max_time"] = parse_duration(max_time)
    settings = with_overrides(load_config(ArchivePaths(data_dir).config).crawl, **options)
    since_day = str(since)[:10] if since is not None else None
    seeds = tuple(_with_scheme(url) for url in urls)
    plan = CrawlPlan(data_dir, seeds, scope, include=include, exclude=exclude, since=since_day, settings=settings)
    with progress_lines(quiet or as_json) as show:
        report = run_crawl(plan, on_progress=lambda tally, url: show(f"{_counts(tally)}  {one_line(url)}"))
    _print(report, data_dir, as_json, quiet)
    if report.outcome.trouble is not None:
        raise report.outcome.trouble
    if report.outcome.interrupted:
        raise KeyboardInterrupt
    if report.refused:
        raise UsageError("; ".join(reason for _, reason in report.refused) + "; the other seeds were crawled")
    if report.outcome.failed:
        raise SeedsFailed(count_of_failed(len(report.outcome.failed)))


def _with_scheme(url: str) -> str:
    """`blog.example/post` is an address to whoever types it."""
    return f"https://{url}" if "://" not in url and "." in url.split("/")[0] else url


def count_of_failed(count: int) -> str:
    """The last line of a crawl with failures."""
    if count == 1:
        return "1 seed or page failed; the same command tries it again"
    many = f"{count:,}" if count <= MAX_NAMED else f"more than {MAX_NAMED:,}"
    return f"{many} seeds or pages failed; the same command tries them again"


def summary(report: CrawlReport) -> str:
    """What a crawl captured, on one line."""
    tally = report.tally
    same = f" ({tally.unchanged:,} unchanged)" if tally.unchanged else ""
    counts = f"{tally.pages:,} pages{same} with {tally.embeds:,} embeds, {tally.posts_asked:,} platform replies"
    return f"{counts}, {tally.media:,} pictures and videos, {tally.bytes:,} bytes"


def _counts(tally: Tally) -> str:
    parts = [
        f"{tally.pages:,} pages",
        f"{tally.embeds:,} embeds",
        f"{tally.posts_asked:,} platform replies",
        f"{tally.media:,} pictures",
    ]
    return ", ".join(parts)


def _print(report: CrawlReport, data_dir: Path, as_json: bool, quiet: bool) -> None:
    tally, outcome = report.tally, report.outcome
    if as_json:
        counts = {name: getattr(tally, name) for name in Tally.__slots__}
        print_json({**counts, **outcome.to_json()})
        return
    if not quiet:
        click.echo(f"{summary(report)}, in {data_dir}")
        for host, reason in outcome.notes.items():
            _note(f"{host} was left alone: {reason}")
        for url, reason in outcome.unread[:MAX_LISTED]:
            _note(f"{url} is kept, and could not be read: {reason}. This is a bug of ours; please report it")
        if outcome.limited:
            _note("more pages are known than --max-pages lets be asked for; a larger number gets further")
        if outcome.waiting:
            _note(f"{outcome.waiting:,} requests wait for the next run of the same command")
    print_failed(outcome.failed)


def _note(text: str) -> None:
    click.echo(one_line(f"note: {text}"), err=True)


def print_failed(failed: list[tuple[str, str]]) -> None:
    """The first ones; behind those that a crawl names itself stands one entry that counts the rest."""
    named, uncounted = failed[:MAX_NAMED], failed[MAX_NAMED:]
    for url, reason in named[:MAX_LISTED]:
        click.echo(one_line(f"failed: {url}: {reason}"), err=True)
    if len(named) > MAX_LISTED:
        click.echo(f"failed: and {len(named) - MAX_LISTED} more", err=True)
    for rest, reason in uncounted:
        click.echo(f"failed: and {rest} that {reason}", err=True)
