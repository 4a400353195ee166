"""`archiver crawl`."""

from pathlib import Path
from typing import Any

import click

from archiver.browser.chromium import why_none
from archiver.cli.options import archive_option, json_option, network_options, verbosity_options
from archiver.cli.printing import count_of, print_json
from archiver.cli.progress import progress_lines
from archiver.config.settings import hosts_beside, load_config, with_overrides
from archiver.config.units import parse_duration, parse_size
from archiver.crawling.session import COOKIES_OF, CrawlPlan, CrawlStats, plan_of_job
from archiver.crawling.session import MAX_LISTED as MAX_NAMED
from archiver.errors import SeedsFailed, UsageError
from archiver.platforms import PLATFORMS
from archiver.recording.recorder import LOST_ORIGINAL
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.crawl.crawl import THUMBNAILS, TIMESTAMP_AUTHORITY, CrawlReport
from archiver.tasks.crawl.crawl import crawl as run_crawl
from archiver.tasks.schedule.jobs import crawl_job
from archiver.text import printable_line
from archiver.urls import with_scheme

MAX_LISTED = 20  # failures that are printed; the index has all
WARC_FOLDER = "warc/"  # a note under a path is about that file
# Other notes that are not about a host.
_OF_OURS = {"the browser": "no more screenshots are taken in this run", THUMBNAILS: "not all thumbnails were made"}


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--job", metavar="NAME", help="This job of archiver.toml instead of URLs, due or not.")
@click.option("--scope", type=click.Choice(["page", "feed", "prefix", "site"]), help="Default: by what the URL is.")
@click.option("--max-pages", type=click.IntRange(1), metavar="N", help="Stop after N pages; a later run begins again.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what feeds and sitemaps date so, or later."
)
@click.option("--include", multiple=True, metavar="REGEX", help="Only pages whose address matches; may be repeated.")
@click.option("--exclude", multiple=True, metavar="REGEX", help="No pages whose address matches; may be repeated.")
@click.option("--max-bytes", metavar="SIZE", help="Of one response; the rest is cut off and marked.  [default: 100MB]")
@click.option("--max-time", metavar="TIME", help="For one response; the rest is cut off and marked.  [default: 120s]")
@click.option("--stop-after", metavar="TIME", help="Stop after this time, 2h say; the same command goes on.")
@click.option("--min-free", metavar="SIZE", help="Stop before less than this is free on the disk.  [default: 500MB]")
@click.option("--concurrency", type=click.IntRange(1, 256), metavar="N", help="Requests under way at once.  [default: 8]")
@click.option(
    "--screenshots",
    type=click.Choice(["none", "posts", "pages", "all"]),
    help="What a browser takes. none: nothing; posts: posts by themselves and the pages that embed them; pages: all pages,"
    " whatever they embed, and no posts by themselves; all: both.  [default: posts]",
)
@click.option("--no-screenshots", "screenshots", flag_value="none", help="The same as --screenshots none.")
@network_options
@archive_option
@json_option
@verbosity_options
def crawl(
    urls: tuple[str, ...], job: str | None, scope: str | None, since: object, include: tuple[str, ...], exclude: tuple[str, ...],
    data_dir: Path, as_json: bool, quiet: bool, verbose: bool, **options: Any,
) -> None:  # fmt: skip
    """Archive pages, the posts they embed, and their pictures.

    URL is a page, a feed, a sitemap, a post, or a whole site (https://blog.example/). Pages are asked for again only if they
    changed; posts and pictures that the archive holds are not asked for again. An interrupted crawl goes on where it stopped
    when the same command is given again. Settings that are always the same can stand in archiver.toml, in the archive's folder,
    and so can jobs, which `archiver run` runs when they are due.

    Exit code 4: seeds or pages failed; they are listed, and tried again by the same command.

    \b
    Example:
      archiver crawl https://blog.example/ --max-pages 200
      archiver crawl https://blog.example/2022/09/a-post/ https://blog.example/feed/
      archiver crawl --job blog
    """
    if bool(urls) == (job is not None):
        raise UsageError("give at least one URL, or --job NAME: archiver crawl https://blog.example/")
    options |= {name: parse_size(options[name]) for name in ("max_bytes", "min_free") if options[name] is not None}
    options |= {name: parse_duration(options[name]) for name in ("max_time", "stop_after") if options[name] is not None}
    config = load_config(ArchivePaths(data_dir).config)
    if job is not None:
        if scope or since or include or exclude:
            raise UsageError("--scope, --since, --include and --exclude of a job stand in archiver.toml")
        plan = plan_of_job(data_dir, config, job, **options)
    else:
        since_day = str(since)[:10] if since is not None else None
        seeds = tuple(with_scheme(url) for url in urls)
        settings = with_overrides(config.crawl, **options)
        plan = CrawlPlan(
            data_dir, seeds, scope, include=include, exclude=exclude, since=since_day, settings=settings,
            hosts=hosts_beside(config.hosts, options["delay"]), platforms=config.platforms, timestamps=config.timestamps,
        )  # fmt: skip
    with progress_lines(quiet or as_json) as show:
        begin = run_crawl if job is None else crawl_job
        report = begin(plan, on_progress=lambda stats, url: show(f"{counts(stats)}  {printable_line(url)}"))
    print_report(report, data_dir, as_json, quiet)
    raise_what_ended(report)
    if report.refused:
        raise UsageError("; ".join(reason for _, reason in report.refused) + "; the other seeds were crawled")
    if report.outcome.failed:
        raise SeedsFailed(count_of_failed(len(report.outcome.failed)))


def count_of_failed(count: int) -> str:
    """The last line of a crawl with failures."""
    if count == 1:
        return "1 seed or page failed; the same command tries it again"
    many = f"{count:,}" if count <= MAX_NAMED else f"more than {MAX_NAMED:,}"
    return f"{many} seeds or pages failed; the same command tries them again"


def summary(report: CrawlReport) -> str:
    """What a crawl captured, on one line."""
    stats = report.stats
    same = f" ({stats.unchanged:,} unchanged)" if stats.unchanged else ""
    parts = [
        f"{count_of(stats.pages, 'page')}{same} with {count_of(stats.embeds, 'embed')}",
        count_of(stats.posts_asked, "platform reply", "platform replies"),
        count_of(stats.media, "picture or video", "pictures and videos"),
        f"{count_of(stats.bytes, 'byte')} received{f', {report.written:,} written' if report.written is not None else ''}",
        *([count_of(stats.renders, "page or post rendered", "pages and posts rendered")] if stats.renders else []),
    ]
    return ", ".join(parts)


def counts(stats: CrawlStats) -> str:
    """What was done so far, for the progress line."""
    parts = [
        count_of(stats.pages, "page"),
        count_of(stats.embeds, "embed"),
        count_of(stats.posts_asked, "platform reply", "platform replies"),
        count_of(stats.media, "picture"),
        *([f"rendered {stats.renders:,} of {stats.renders_wanted:,}"] if stats.renders or stats.renders_wanted else []),
    ]
    return ", ".join(parts)


def raise_what_ended(report: CrawlReport) -> None:
    """What a run could not go on after: a full disk, a bug, Ctrl-C."""
    if report.outcome.trouble is not None:
        raise report.outcome.trouble
    if report.outcome.interrupted:
        raise KeyboardInterrupt


def _is_of_platform(about: str) -> bool:
    """Whether a note is about how a platform answered, or about one of its doors, rather than about a host."""
    return any(about == platform.title or about.startswith(f"{platform.title}, ") for platform in PLATFORMS)


def print_report(report: CrawlReport, data_dir: Path, as_json: bool, quiet: bool) -> None:
    """What came of a run: on standard output, with its notes and failures on standard error."""
    stats, outcome = report.stats, report.outcome
    if as_json:
        counted = {name: getattr(stats, name) for name in CrawlStats.__slots__}
        print_json({**counted, "written": report.written, **outcome.to_json()})
        return
    if not quiet:
        click.echo(f"{summary(report)}, in {data_dir}")
        for host, reason in outcome.notes.items():
            named = host.startswith((COOKIES_OF, TIMESTAMP_AUTHORITY, WARC_FOLDER)) or _is_of_platform(host)
            about = host if named else _OF_OURS.get(host, f"{host} was left alone")
            _note(f"{about}: {reason}")
        for url, reason in outcome.unread[:MAX_LISTED]:
            damaged = "`archiver verify` lists what is damaged or lost"
            to_do = damaged if reason.startswith(LOST_ORIGINAL) else "This is a bug of ours; please report it"
            _note(f"{url} is kept, and could not be read: {reason}. {to_do}")
        for url, reason in outcome.undrawn[:MAX_LISTED]:
            _note(f"{url} could not be rendered: {reason}. What came of it is kept; the same command tries again")
        if outcome.no_browser:
            _note(f"{why_none()}, so there are no screenshots; `archiver doctor` says how to get one,"
                  " `archiver render --missing` then takes those that are missing")  # fmt: skip
        if outcome.limited:
            _note("more pages are known than --max-pages lets be asked for; a larger number gets further")
        if outcome.waiting:
            wait = "waits" if outcome.waiting == 1 else "wait"
            _note(f"{count_of(outcome.waiting, 'request')} {wait} for the next run of the same command")
    print_failed(outcome.failed)


def _note(text: str) -> None:
    click.echo(printable_line(f"note: {text}"), err=True)


def print_failed(failed: list[tuple[str, str]]) -> None:
    """The first ones; behind those that a crawl names itself stands one entry that counts the rest."""
    named, uncounted = failed[:MAX_NAMED], failed[MAX_NAMED:]
    for url, reason in named[:MAX_LISTED]:
        click.echo(printable_line(f"failed: {url}: {reason}"), err=True)
    if len(named) > MAX_LISTED:
        click.echo(f"failed: and {len(named) - MAX_LISTED} more", err=True)
    for rest, reason in uncounted:
        click.echo(f"failed: and {rest} that {reason}", err=True)
