"""Runs a crawl: starts the spider by its name on one session, then makes thumbnails and has timestamps signed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.crawling.session import CrawlOutcome, CrawlPlan, CrawlStats, open_session
from archiver.errors import BadUrl, StorageError, UsageError
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state import job_runs
from archiver.tasks.crawl.signals import StopSignals
from archiver.tasks.crawl.truncated_files import reindex_truncated
from archiver.tasks.previews import remake_previews
from archiver.tasks.thumbnails import make_thumbnails
from archiver.tasks.timestamp import timestamp
from archiver.times import Clock, utc_now
from archiver.urls import checked
from archiver.workers.process import WorkerNotStarted

SPIDER = "posts"  # archiver never imports spiders: Scrapy finds it by the settings module
SETTINGS_MODULE = "spiders.settings"
THUMBNAILS = "thumbnails"  # the key of a note that some could not be made
TIMESTAMP_AUTHORITY = "the timestamp authority "  # before its URL: the key of a note why it signed nothing
LOST_CAPTURES = (
    "it is missing or too short, and {:,} captures with it. What they held is asked for again where it is still up;"
    " `archiver repair --from DEST` gets the file back from a backup, `archiver reindex` gives it up"
)


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """How a crawl went."""

    stats: CrawlStats
    outcome: CrawlOutcome
    crawl: str | None = None
    """Its UUID."""
    written: int | None = None
    """Bytes of its WARC files; None where the index cannot be read."""
    resumed: bool = False
    """It resumed a run whose last crawl was interrupted."""
    thumbnails_due: tuple[str, ...] = ()
    """UUIDs of the crawls of whose pictures thumbnails are to be made: this one, and earlier ones that were interrupted."""
    refused: tuple[tuple[str, str], ...] = ()
    """Seeds that are no URL, with the reason; all others were crawled."""


def crawl(
    plan: CrawlPlan, *, on_progress: Callable[[CrawlStats, str], None] | None = None, clock: Clock = utc_now
) -> CrawlReport:
    """Crawls a plan with seeds. Ctrl-C ends it soon, with everything kept; the same plan again resumes the run.

    Raises `UsageError` (no seed is a URL), `ArchiveHeld`, `StorageError` before it begins; what goes wrong later is in
    the report.
    """
    seeds, refused = _checked_seeds(plan.seeds)
    if not seeds:
        raise UsageError("; ".join(reason for _, reason in refused) or "a crawl needs at least one seed")
    report = run(replace(plan, seeds=seeds), on_progress=on_progress, clock=clock)
    return replace(report, refused=refused)


def run(plan: CrawlPlan, *, on_progress: Callable[[CrawlStats, str], None] | None = None, clock: Clock = utc_now) -> CrawlReport:
    """Crawls a plan whose seeds are checked, or that has none, since it only renders.

    Raises `ArchiveHeld`, `StorageError` before it begins; whatever goes wrong later is in the report.
    """
    report = asyncio.run(run_in_loop(plan, on_progress=on_progress, clock=clock))
    if plan.settings.screenshots != "none" and report.outcome.trouble is None and not report.outcome.interrupted:
        _add_previews(plan, report)
        _add_thumbnails(plan, report)
    _add_timestamps(plan, report, clock)
    return replace(report, written=_written(plan.data_dir, report.crawl))


def _add_previews(plan: CrawlPlan, report: CrawlReport) -> None:
    """Makes the WebP previews of screenshots whose crawl was killed before it wrote them."""
    if report.resumed:
        try:
            remake_previews(plan.data_dir)
        except StorageError as error:
            report.outcome.trouble = error
        except KeyboardInterrupt:
            report.outcome.interrupted = True


def _add_thumbnails(plan: CrawlPlan, report: CrawlReport) -> None:
    """Makes the thumbnails of what this crawl captured, and earlier ones that were interrupted; with `missing`, of all captures.

    What goes wrong with them is only noted: the crawl is done, and safe.
    """
    try:
        for crawl in [None] if plan.missing else report.thumbnails_due:
            make_thumbnails(plan.data_dir, crawl)
        job_runs.end_thumbnails(ArchivePaths(plan.data_dir).state, report.thumbnails_due)
    except StorageError as error:
        report.outcome.trouble = error
    except WorkerNotStarted as error:
        report.outcome.notes[THUMBNAILS] = str(error)
    except KeyboardInterrupt:
        report.outcome.interrupted = True


def _add_timestamps(plan: CrawlPlan, report: CrawlReport, clock: Clock) -> None:
    """Has the manifests signed that no timestamp authority has signed yet. One that refuses is noted, and asked again."""
    if isinstance(report.outcome.trouble, StorageError):
        return
    try:
        signed = timestamp(plan.data_dir, plan.timestamps, plan.settings, clock)
    except StorageError as error:
        report.outcome.trouble = report.outcome.trouble or error
    except KeyboardInterrupt:
        report.outcome.interrupted = True
    else:
        for url, reason in signed.notes.items():
            named = checked(url)  # without a password that stands in it
            report.outcome.notes[f"{TIMESTAMP_AUTHORITY}{named}"] = f"{reason}. The next run asks again"


def _written(data_dir: Path, crawl: str | None) -> int | None:
    try:
        with Archive.open(data_dir) as archive:
            sql = "SELECT coalesce(sum(indexed_to), 0) FROM warcs WHERE crawl = (SELECT id FROM crawls WHERE uuid = ?)"
            return int(archive.index.execute(sql, (crawl,)).fetchone()[0])
    except StorageError:  # a full disk, for one: the run has reported it
        return None


def _checked_seeds(seeds: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The seeds as they may be fetched, each once, and those that are no URL, with the reason."""
    good: dict[str, None] = {}
    refused = []
    for seed in seeds:
        try:
            good[checked(seed)] = None
        except BadUrl as error:
            refused.append((seed, str(error)))
    return tuple(good), tuple(refused)


async def run_in_loop(
    plan: CrawlPlan, *, on_progress: Callable[[CrawlStats, str], None] | None = None, clock: Clock = utc_now
) -> CrawlReport:
    """Runs the spider in the running event loop. Without the thumbnails and timestamps that `run` makes afterwards."""
    from scrapy.crawler import AsyncCrawlerRunner  # 0.3 s; only a crawl needs it  # noqa: PLC0415
    from scrapy.settings import Settings  # noqa: PLC0415

    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    lost = reindex_truncated(plan.data_dir, _progress_of_reindex(on_progress))
    session = open_session(plan, on_progress=on_progress, clock=clock)
    session.outcome.notes |= {warc: LOST_CAPTURES.format(count) for warc, count in session.recorder.lost.items()} | lost
    session.begins_anew = bool(lost)
    stop_signals = StopSignals(session)
    stop_signals.listen()
    due: tuple[str, ...] = ()
    try:
        if plan.settings.screenshots != "none":
            due = job_runs.begin_thumbnails(session.recorder.paths.state, session.recorder.crawl.uuid)
        await AsyncCrawlerRunner(settings).crawl(SPIDER, session=session)
    finally:
        stop_signals.end()
        if not session.closed:  # the spider never came to its end
            session.outcome.interrupted = True
            await session.close()
    return CrawlReport(session.stats, session.outcome, session.recorder.crawl.uuid, resumed=session.resumed, thumbnails_due=due)


def _progress_of_reindex(on_progress: Callable[[CrawlStats, str], None] | None) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda read, total: on_progress(CrawlStats(), f"making the index anew: {read >> 20:,} of {total >> 20:,} MB")
