"""A crawl's plan, and its session: recorder, fetcher and render service, opened together; what it counted, and how it ended."""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from archiver import __version__
from archiver.config.settings import (
    Config,
    CrawlSettings,
    HostSettings,
    PlatformSettings,
    TimestampAuthority,
    hosts_beside,
    job_named,
    with_overrides,
)
from archiver.crawling.response_cache import ResponseCache
from archiver.errors import DiskFull, NetworkError, NotHttp
from archiver.extraction.worker import PageReader
from archiver.model.exchange import Crawl, Failure, Purpose
from archiver.model.findings import PostRef
from archiver.network.cookies import Cookies
from archiver.network.fetcher import ConnectTo, Fetched, Fetcher, FetchLimits
from archiver.platforms.doors import Doors, in_force
from archiver.recording.recorder import Recorded, Recorder
from archiver.storage.files.paths import ArchivePaths
from archiver.times import Clock, to_warc_date, utc_now
from archiver.urls import with_scheme

if TYPE_CHECKING:
    from archiver.crawling.render_service import RenderService

MAX_RECEIVED = 65_536  # bytes of a response that is not HTTP: enough to see what it is
COOKIES_OF = "the cookies of "  # before a host: the key of a note about its cookie file
MAX_LISTED = 1000  # failures in the record of a crawl's outcome; each has a record of its own besides


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """What a crawl is to do. Plain data."""

    data_dir: Path
    seeds: tuple[str, ...]
    scope: str | None = None
    """page, feed, prefix or site; None: by what each seed is."""
    job: str = "crawl"
    include: tuple[str, ...] = ()
    """Regular expressions: only pages that match one."""
    exclude: tuple[str, ...] = ()
    since: str | None = None
    """ISO date: only pages that feeds and sitemaps date on it or later."""
    posts: tuple[PostRef, ...] = ()
    """Posts to render, besides those that the seeds lead to."""
    missing: bool = False
    """All that has no render yet is rendered."""
    redraw: bool = False
    """What has a render is rendered again."""
    settings: CrawlSettings = field(default_factory=CrawlSettings)
    hosts: dict[str, HostSettings] = field(default_factory=dict)
    """[hosts] of archiver.toml: what counts for single hosts. Never written down: where cookies lie is private."""
    platforms: dict[str, PlatformSettings] = field(default_factory=dict)
    """[platforms] of archiver.toml: what is otherwise with the platforms than this program knows. Recorded."""
    timestamps: tuple[TimestampAuthority, ...] = ()
    """[[timestamps]] of archiver.toml: the authorities that sign at the end what the archive has. No part of what is crawled."""

    def to_json(self) -> str:
        """For the WARC and the index: everything but secrets and this machine's own paths."""
        given = msgspec.to_builtins(self.settings, enc_hook=str)
        settings = {key: value for key, value in given.items() if value is not None and value is not False and value != []}
        settings.pop("cacert", None)
        if self.settings.proxy:
            settings["proxy"] = self.settings.proxy.rpartition("@")[2]  # a password before the @ stays here
        apart = ("data_dir", "settings", "hosts", "timestamps", "platforms")
        plan = {key: value for key, value in asdict(self).items() if key not in apart and value}
        if self.platforms:
            plan["platforms"] = in_force(self.platforms)
        return json.dumps({**plan, **settings}, ensure_ascii=False, sort_keys=True, default=str)


def plan_of_job(data_dir: Path, config: Config, name: str, **overrides: Any) -> CrawlPlan:
    """The crawl that the job describes, with the options of the command line over it. Raises `ConfigError` for an unknown
    name."""
    job = job_named(config, name, ArchivePaths(data_dir).config)
    return CrawlPlan(
        data_dir,
        tuple(map(with_scheme, job.seeds)),
        job.scope,
        name,
        job.include,
        job.exclude,
        job.since.isoformat() if job.since is not None else None,
        settings=with_overrides(job.crawl, **overrides),
        hosts=hosts_beside(config.hosts, overrides.get("delay")),
        platforms=config.platforms,
        timestamps=config.timestamps,
    )


@dataclass(slots=True)
class CrawlStats:
    """What a crawl has done so far. Counts of this run only."""

    requests: int = 0
    pages: int = 0
    unchanged: int = 0
    """Pages that were the same as at the last visit."""
    embeds: int = 0
    posts_asked: int = 0
    media: int = 0
    renders: int = 0
    """Pages and posts that were rendered."""
    renders_wanted: int = 0
    """Pages and posts to render, as far as is known, with those that were rendered or could not be."""
    bytes: int = 0
    """As received."""


@dataclass(slots=True)
class CrawlOutcome:
    """How a crawl ended."""

    failed: list[tuple[str, str]] = field(default_factory=list)
    """Seeds and pages that could not be captured, with the reason."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Captures that this program could not read, with the reason: a bug of ours, or damage to the record that one repeats."""
    undrawn: list[tuple[str, str]] = field(default_factory=list)
    """What could not be rendered, with the reason. Its bytes are kept; the next run tries again."""
    no_browser: bool = False
    """Screenshots were asked for, and this machine has no browser for them."""
    notes: dict[str, str] = field(default_factory=dict)
    """Host -> why it was abandoned for the rest of the crawl. Besides, under keys of their own: what is wrong with cookies, WARC
    files, thumbnails, timestamp authorities, the browser."""
    waiting: int = 0
    """Requests that the same command makes when it is given again."""
    limited: bool = False
    """More pages were known than `max_pages` let be asked for."""
    interrupted: bool = False
    out_of_time: bool = False
    """`stop_after` was over; the same command resumes the run."""
    trouble: Exception | None = None
    """Why the crawl had to stop, where it had: a `StorageError`, or a bug of ours."""

    def to_json(self) -> dict[str, Any]:
        ended = (
            "disk"
            if isinstance(self.trouble, DiskFull)
            else type(self.trouble).__name__
            if self.trouble
            else "interrupted"
            if self.interrupted
            else "time"
            if self.out_of_time
            else "limit"
            if self.limited
            else "finished"
        )
        lists = {"failed": self.failed, "unread": self.unread, "undrawn": self.undrawn}
        listed = {name: entries[:MAX_LISTED] for name, entries in lists.items()}
        return {"ended": ended, **listed, "no_browser": self.no_browser, "notes": self.notes, "waiting": self.waiting}


@dataclass(slots=True)
class Session:
    """Made by `open_session`; `close` it in the event loop in which it fetched."""

    plan: CrawlPlan
    recorder: Recorder
    reader: PageReader
    fetcher: Fetcher[Recorded]
    clock: Clock
    response_cache: ResponseCache
    doors: Doors
    """How the platforms are asked about posts."""
    rendering: "RenderService | None" = None
    """None: nothing is to be rendered, or nothing can be."""
    stats: CrawlStats = field(default_factory=CrawlStats)
    outcome: CrawlOutcome = field(default_factory=CrawlOutcome)
    stop: Callable[[], None] | None = None
    """Ends the crawl soon; set by the spider."""
    on_progress: Callable[[CrawlStats, str], None] | None = None
    """Called after each capture with the counts so far and the URL."""
    closed: bool = False
    resumed: bool = False
    """This resumes a run whose last crawl was interrupted."""
    begins_anew: bool = False
    """Captures were lost, so no unfinished run is resumed: all begin anew."""

    async def fetch(
        self, url: str, headers: list[tuple[str, str]], purpose: Purpose, limits: FetchLimits | None = None
    ) -> Fetched[Recorded]:
        """One recorded request. A failure is noted in the archive and raised: `NetworkError`, or `StorageError`."""
        try:
            fetched = await self.fetcher.fetch(url, headers=headers, purpose=purpose, limits=limits)
        except NetworkError as error:
            received = error.received[:MAX_RECEIVED] if isinstance(error, NotHttp) else b""
            self.recorder.note(Failure(url, self.clock(), type(error).__name__, str(error), received, purpose))
            raise
        if self.rendering is not None:
            self.response_cache.keep(fetched.exchange)
        self.stats.requests += 1
        self.stats.bytes += len(fetched.exchange.response)
        return fetched

    async def close(self) -> None:
        """Writes down how the crawl ended, makes everything safe, and lets the archive go."""
        self.closed = True
        try:
            if self.rendering is not None:
                await self.rendering.close()
            await self.fetcher.close()
            await self.reader.close()
        finally:
            try:
                self.recorder.finish({**self.outcome.to_json(), "tally": asdict(self.stats)})
            finally:
                self.recorder.close()


def open_session(
    plan: CrawlPlan, *, on_progress: Callable[[CrawlStats, str], None] | None = None, clock: Clock = utc_now
) -> Session:
    """Opens archive and network for one crawl. Raises `ArchiveHeld`, `ConfigError`, `StorageError`, `UsageError`."""
    settings, doors = plan.settings, Doors(plan.platforms)
    connect_to = tuple(ConnectTo.parse(text) for text in settings.connect_to)
    cookies = Cookies(plan.hosts, clock)
    started = to_warc_date(clock())
    crawl = Crawl(str(uuid.uuid4()), plan.job, started, f"embed-archiver/{__version__}", plan.to_json())
    reader = PageReader()
    recorder = Recorder(
        plan.data_dir,
        crawl,
        read=reader.read,
        clock=clock,
        min_free=settings.min_free,
        on_migration=_progress_of_migration(on_progress),
    )
    try:
        recorder.catch_up(_progress_of_catching_up(on_progress))
        fetcher = Fetcher(
            recorder.record,
            user_agent=settings.user_agent,
            allow_private=settings.allow_private,
            connect_to=connect_to,
            cacert=settings.cacert,
            proxy=settings.proxy,
            limits=FetchLimits(max_bytes=settings.max_bytes, max_seconds=settings.max_time),
            connections_per_host=settings.concurrency,
            clock=clock,
            cookies=cookies,
        )
    except BaseException:
        recorder.close()
        raise
    session = Session(plan, recorder, reader, fetcher, clock, ResponseCache(), doors, on_progress=on_progress)
    session.outcome.unread += recorder.unreadable
    session.outcome.notes |= {f"{COOKIES_OF}{host}": note for host, note in cookies.notes.items()}
    session.outcome.notes |= {
        f"{platform.title}, {door.name}": f"asked since archiver.toml says so. {door.why[:1].upper()}{door.why[1:]}"
        for platform, door in doors.switched_on()
    }
    if settings.screenshots != "none":
        session.rendering = _rendering(session)
        session.outcome.no_browser = session.rendering is None
    return session


def _progress_of_migration(on_progress: Callable[[CrawlStats, str], None] | None) -> Callable[[int], None] | None:
    if on_progress is None:
        return None
    return lambda size: on_progress(CrawlStats(), f"bringing the index to its new format, once: {size >> 20:,} MB")


def _progress_of_catching_up(on_progress: Callable[[CrawlStats, str], None] | None) -> Callable[[int], None] | None:
    """Progress while records that no crawl indexed are read: of many GB it takes minutes."""
    if on_progress is None:
        return None
    read = 0

    def advance(size: int) -> None:
        nonlocal read
        read += size
        on_progress(CrawlStats(), f"reading what no manifest has yet: {read >> 20:,} MB")

    return advance


def _rendering(session: Session) -> "RenderService | None":
    from archiver.browser.chromium import find_browser  # noqa: PLC0415  only a render needs these
    from archiver.crawling.render_service import RenderService  # noqa: PLC0415

    executable, settings = find_browser(), session.plan.settings
    if executable is None:
        return None
    return RenderService(
        session.recorder, session.fetch, session.response_cache, session.reader.rendered_embeds, user_agent=settings.user_agent,
        executable=executable, at_once=settings.renders, seconds=settings.render_time,
        clock=session.clock,
    )  # fmt: skip
