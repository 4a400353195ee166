"""`archiver render`."""

import sys
from pathlib import Path
from typing import Any

import click

from archiver.cli.crawl import count_of_failed, counts, print_report, raise_what_ended
from archiver.cli.options import archive_option, json_option, network_options, verbosity_options
from archiver.cli.progress import progress_lines
from archiver.config.settings import hosts_beside, load_config, with_overrides
from archiver.errors import SeedsFailed, UsageError
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.render import render as render_references
from archiver.text import printable_line


@click.command()
@click.argument("references", nargs=-1, metavar="[REF...]")
@click.option("--missing", is_flag=True, help="Those posts and pages that were never rendered, or not since they changed.")
@click.option("--at-once", "renders", type=click.IntRange(1, 32), metavar="N", help="Pages rendered at once.  [default: 2]")
@network_options
@archive_option
@json_option
@verbosity_options
def render(
    references: tuple[str, ...], missing: bool, data_dir: Path, as_json: bool, quiet: bool, verbose: bool, **options: Any
) -> None:
    """Take screenshots of posts and pages with a browser, as a reader sees them.

    REF is whatever `archiver find` understands: a post is rendered by itself, a page with all that it embeds, and what was
    rendered before is rendered again. A lone - reads references from standard input. Everything that the browser asks for goes
    through the archive's own fetcher and is kept; screenshots lie in the WARC files as PNG, and as WebP in the folder
    screenshots/. What is interrupted goes on when the same command is given again.

    Exit code 4: something could not be rendered, or its page could not be captured. 5: none of the REFs is
    known.

    \b
    Example:
      archiver render --missing
      archiver render pic.twitter.com/uOWxLTTvGP https://blog.example/2022/09/a-post/
    """
    wanted = [line for ref in references for line in (sys.stdin.read().splitlines() if ref == "-" else [ref]) if line.strip()]
    if bool(wanted) == missing:
        raise UsageError("give what to render, or --missing: archiver render pic.twitter.com/uOWxLTTvGP")
    config = load_config(ArchivePaths(data_dir).config)
    settings = with_overrides(config.crawl, **options)
    with progress_lines(quiet or as_json) as show:
        report = render_references(
            data_dir, wanted, missing=missing, settings=settings, hosts=hosts_beside(config.hosts, options["delay"]),
            platforms=config.platforms,
            timestamps=config.timestamps,
            on_progress=lambda stats, url: show(f"{counts(stats)}  {printable_line(url)}"),
            on_unknown=None if quiet else _tell_unknown,
        )  # fmt: skip
    if missing and _did_nothing(report) and not (as_json or quiet):
        click.echo(f"nothing is missing, in {data_dir}")
    else:
        print_report(report, data_dir, as_json, quiet)
    raise_what_ended(report)
    if undone := [*report.outcome.failed, *report.outcome.undrawn]:
        raise SeedsFailed(count_of_failed(len(undone)))


def _did_nothing(report: CrawlReport) -> bool:
    stats, outcome = report.stats, report.outcome
    tried = stats.requests or stats.renders_wanted or outcome.failed or outcome.undrawn or outcome.waiting
    return not (tried or outcome.notes or outcome.interrupted or outcome.trouble)


def _tell_unknown(reference: str) -> None:
    click.echo(f"archiver: {printable_line(reference)} is not known to this archive", err=True)
