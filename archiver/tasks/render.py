"""Renders what an archive has: posts by themselves, and pages with their embeds. A crawl that follows no links."""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from archiver.browser.chromium import REMEDY, find_browser, why_none
from archiver.config.settings import CrawlSettings, HostSettings, PlatformSettings, TimestampAuthority
from archiver.crawling.session import CrawlPlan, CrawlStats
from archiver.errors import NothingFound, UsageError
from archiver.model.findings import PostRef
from archiver.query.archive import Archive
from archiver.query.find import file_named
from archiver.storage.index.results import ArchivedPage, ArchivedPost
from archiver.tasks.crawl.crawl import CrawlReport, run
from archiver.times import Clock, utc_now

JOB = "render"


def render(
    data_dir: Path,
    references: Iterable[str],
    *,
    missing: bool = False,
    settings: CrawlSettings,
    hosts: dict[str, HostSettings] | None = None,
    platforms: dict[str, PlatformSettings] | None = None,
    timestamps: tuple[TimestampAuthority, ...] = (),
    on_progress: Callable[[CrawlStats, str], None] | None = None,
    on_unknown: Callable[[str], None] | None = None,
    clock: Clock = utc_now,
) -> CrawlReport:
    """Renders what the references lead to, again where it was rendered before; or whatever is `missing` a screenshot.

    `on_unknown` is called with each reference that leads nowhere; the others are rendered.

    Pages are asked for once more (an unchanged one is a 304), and what their posts' platforms were never asked is asked on the
    way. Ctrl-C ends it soon; the same again goes on. Raises `UsageError` (no browser), `NothingFound`, `ArchiveHeld`,
    `StorageError`.
    """
    if find_browser() is None:
        raise UsageError(f"{why_none()}, so nothing can be rendered: {REMEDY}")
    pages, posts, unknown = targets(data_dir, list(references))
    if on_unknown is not None:
        for reference in unknown:
            on_unknown(reference)
    rendering = settings if settings.screenshots != "none" else msgspec.structs.replace(settings, screenshots="posts")
    plan = CrawlPlan(
        data_dir, pages, "page", JOB, posts=posts, missing=missing, redraw=not missing, settings=rendering, hosts=hosts or {},
        platforms=platforms or {}, timestamps=timestamps,
    )  # fmt: skip
    return run(plan, on_progress=on_progress, clock=clock)


def targets(data_dir: Path, references: list[str]) -> tuple[tuple[str, ...], tuple[PostRef, ...], tuple[str, ...]]:
    """The pages and posts that references lead to, and the references that lead nowhere. Raises `NothingFound` if all do."""
    pages: dict[str, None] = {}
    posts: dict[PostRef, None] = {}
    unknown: dict[str, None] = {}
    with Archive.open(data_dir) as archive:
        for reference in references:
            path = file_named(reference)
            results = archive.find_file(path) if path is not None else archive.find(reference)
            if not results:
                unknown[reference] = None
            for found in results:
                if isinstance(found, ArchivedPost):
                    posts[PostRef(found.platform, found.post_id)] = None
                else:  # of an embed whose post is not known there is only its place in its page
                    pages[found.url if isinstance(found, ArchivedPage) else found.page.url] = None
    if unknown and unknown.keys() >= set(references):
        several = f"none of {len(unknown)} found in {data_dir}"
        raise NothingFound(several if len(unknown) > 1 else f"`{references[0]}` is not known to the archive in {data_dir}")
    return tuple(pages), tuple(posts), tuple(unknown)
