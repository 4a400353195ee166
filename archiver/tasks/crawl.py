"""Crawls: starts the spider by its name on one session, in this process."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace

from archiver.session import CrawlPlan, Outcome, Session, Tally, open_session
from archiver.times import Clock, utc_now
from archiver.urls import checked

SPIDER = "posts"  # archiver never imports spiders: Scrapy finds it by the settings module
SETTINGS_MODULE = "spiders.settings"


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What came of it."""

    tally: Tally
    outcome: Outcome


def crawl(
    plan: CrawlPlan, *, on_progress: Callable[[Tally, str], None] | None = None, clock: Clock = utc_now
) -> CrawlReport:
    """Runs one crawl to its end. Ctrl-C ends it soon, with everything kept; the same plan again goes on.

    Raises `UsageError` (a seed that is no URL included), `ArchiveHeld`, `StorageError` before it begins; how it went is in the report.
    """
    plan = replace(plan, seeds=tuple(checked(seed) for seed in plan.seeds))
    return asyncio.run(crawl_here(plan, on_progress=on_progress, clock=clock))


async def crawl_here(
    plan: CrawlPlan, *, on_progress: Callable[[Tally, str], None] | None = None, clock: Clock = utc_now
) -> CrawlReport:
    """The same inside a running event loop."""
    from scrapy.crawler import AsyncCrawlerRunner  # 0.3 s; only a crawl needs it  # noqa: PLC0415
    from scrapy.settings import Settings  # noqa: PLC0415

    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    settings.set("CONCURRENT_REQUESTS", plan.settings.concurrency + 1, priority="cmdline")
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", plan.settings.concurrency + 1, priority="cmdline")
    session = open_session(plan, clock=clock)
    session.on_progress = on_progress
    loop = asyncio.get_running_loop()
    handled = _stop_on_signals(loop, session)
    try:
        await AsyncCrawlerRunner(settings).crawl(SPIDER, session=session)
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
        if not session.closed:  # the spider never came to its end
            session.outcome.interrupted = True
            await session.close()
    return CrawlReport(session.tally, session.outcome)


def _stop_on_signals(loop: asyncio.AbstractEventLoop, session: Session) -> list[signal.Signals]:
    """The first Ctrl-C lets what is under way end; signals can only be caught in the main thread."""

    def stop() -> None:
        if session.stop is not None:
            session.stop()

    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except (ValueError, RuntimeError):  # not in the main thread
            break
        handled.append(number)
    return handled
