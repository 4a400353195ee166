"""Turns a capture and what was extracted from it into rows of the index. Pure: equal bytes give equal rows, in whatever order."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from archiver.ids import natural_id
from archiver.media.pdq import bands_of
from archiver.model.exchange import Capture, Crawl, Failure, ResourceType
from archiver.model.findings import SECOND_HAND, Embed, Findings, MediaFile, MediaRef, Page, PostRef, PostState, Source, Statement
from archiver.model.render import RenderEnd, ScreenshotRecord
from archiver.platforms import PLATFORMS, media_key_of, platform_named
from archiver.storage.index.database import EXTRACTOR
from archiver.storage.index.normalize import fold
from archiver.storage.index.tables import (
    AnsweringHostRow,
    CaptureRow,
    CrawlRow,
    EmbedRow,
    EmbedTextRow,
    FailureRow,
    LinkedPostRow,
    LinkRow,
    MediaPayloadRow,
    MediaRow,
    PagePictureRow,
    PageVersionRow,
    PictureBandRow,
    PostRow,
    RenderRow,
    ScreenshotRow,
    StatementRow,
)
from archiver.times import to_warc_date
from archiver.urls import url_key

Rows = dict[str, list[Any]]
"""Table -> rows of its class: see `archiver.storage.index.tables`."""

_NO_MEDIA = frozenset(
    {ResourceType.DOCUMENT, ResourceType.FRAME, ResourceType.STYLESHEET, ResourceType.SCRIPT, ResourceType.FONT}
)
UNREADABLE = "Unreadable"  # in `failures`: a response was captured, and this program could not read it


def crawl_id(uuid: str | None) -> int | None:
    return natural_id("crawl", uuid) if uuid else None


def warc_id(path: str) -> int:
    return natural_id("warc", path)


def post_id(post: PostRef) -> int:
    return natural_id("post", post.platform, post.post_id)


def page_id(url: str) -> int:
    return natural_id("page", url_key(url))


def version_id(capture: Capture) -> int:
    """Out of all that the extraction depends on, but for the time of the capture, which bounds the dates: the earliest capture of
    a version gives those (`_EARLIEST_CAPTURE` in writer.py)."""
    return natural_id("version", capture.url, capture.payload_digest or "", capture.content_type or "")


def crawl_row(crawl: Crawl) -> CrawlRow:
    return CrawlRow(
        id=natural_id("crawl", crawl.uuid),
        uuid=crawl.uuid,
        job=crawl.job,
        started_at=crawl.started_at,
        finished_at=None,
        software=crawl.software,
        settings=crawl.settings,
        outcome=None,
    )


def failure_row(failure: Failure, crawl: str | None) -> FailureRow:
    """A request that got no response, in the crawl with this UUID."""
    moment = to_warc_date(failure.failed_at)
    return FailureRow(
        id=natural_id("failure", failure.url, moment, failure.error),
        url=failure.url,
        url_key=url_key(failure.url),
        failed_at=moment,
        error=failure.error,
        reason=failure.reason,
        crawl=crawl_id(crawl),
    )


def render_rows(end: RenderEnd, crawl: str | None) -> Rows:
    """How a render ended in the crawl with this UUID, and the post that it was to show."""
    post = named_post_row(end.post) if end.post is not None else None
    row = RenderRow(
        id=natural_id("render", end.url, end.rendered_at),
        url=end.url,
        url_key=url_key(end.url),
        rendered_at=end.rendered_at,
        post=post.id if post else None,
        ended=end.ended.value,
        reason=end.reason,
        notes=json.dumps(dict(end.notes), sort_keys=True),
        crawl=crawl_id(crawl),
    )
    return {"renders": [row]} | ({"posts": [post]} if post else {})


def resource_rows(capture: Capture, drawn: ScreenshotRecord | None) -> Rows:
    """A resource record: its capture, and what it shows where it is a screenshot."""
    maker = _RowMaker(capture)
    maker.add_capture()
    if drawn is not None:
        maker.rows["screenshots"].append(
            ScreenshotRow(
                id=natural_id("screenshot", capture.record_id),
                capture=maker.capture_id,
                kind=drawn.kind.value,
                url=drawn.url,
                url_key=url_key(drawn.url),
                taken_at=capture.captured_at,
                post=maker.add_post(drawn.post) if drawn.post is not None else None,
                position=drawn.position,
                width=drawn.width,
                height=drawn.height,
                quality=drawn.quality.value,
                reason=drawn.reason,
                path=drawn.path,
                sha256=drawn.sha256,
            )
        )
    return maker.rows


def named_post_row(ref: PostRef) -> PostRow:
    """A post of which nothing but its id is known so far."""
    platform = platform_named(ref.platform)
    assert platform is not None  # who read the reference is in PLATFORMS
    return PostRow(post_id(ref), ref.platform, ref.post_id, platform.canonical_url(ref.post_id))


class _RowMaker:
    """Collects the rows of one capture."""

    def __init__(self, capture: Capture) -> None:
        self.rows: Rows = defaultdict(list)
        self.capture = capture
        self.capture_id = natural_id("capture", capture.record_id)

    def add_post(self, ref: PostRef) -> int:
        row = named_post_row(ref)
        self.rows["posts"].append(row)
        return row.id

    def add_link(self, key: str, target: int, kind: str) -> None:
        self.rows["links"].append(LinkRow(key, target, self.capture_id, kind))

    def add_capture(self) -> None:
        c = self.capture
        wants_media_key = c.record_type != "resource" and (
            c.resource_type not in _NO_MEDIA or (c.mime or "").startswith(("image/", "video/"))
        )
        self.rows["captures"].append(
            CaptureRow(
                id=self.capture_id,
                record_id=c.record_id,
                record_type=c.record_type,
                url=c.url,
                url_key=url_key(c.url),
                media_key=media_key_of(c.url) if wants_media_key else None,
                captured_at=c.captured_at,
                status=c.status,
                mime=c.mime,
                payload_digest=c.payload_digest,
                resource_type=c.resource_type,
                page_visit=c.page_visit,
                etag=c.etag,
                last_modified=c.last_modified,
                truncated=c.truncated,
                refers_to=c.refers_to,
                warc=warc_id(c.warc),
                offset=c.offset,
                length=c.length,
                crawl=crawl_id(c.crawl),
                with_cookies=int(c.with_cookies),
            )
        )

    def add_page(self, page: Page) -> int:
        """Returns the id of the page's version."""
        c = self.capture
        version = version_id(c)
        self.rows["page_versions"].append(
            PageVersionRow(
                id=version,
                page=page_id(c.url),
                capture=self.capture_id,
                captured_at=c.captured_at,
                payload_digest=c.payload_digest or "",
                url=c.url,
                canonical_url=page.canonical_url,
                title=page.title,
                author=page.author,
                published_at=page.published_at,
                modified_at=page.modified_at,
                language=page.language,
                site_name=page.site_name,
                description=page.description,
                tags=_json(page.tags),
                comments=_json([asdict(comment) for comment in page.comments]),
                is_listing=int(page.is_listing),
                text=page.text,
                extractor=EXTRACTOR,
            )
        )
        pictures = [(picture.url, picture.alt, picture.caption, 0) for picture in page.pictures]
        pictures += [(url, None, None, 1) for url in page.shown]
        for position, (url, alt, caption, smaller) in enumerate(pictures, 1):
            self.rows["page_pictures"].append(
                PagePictureRow(version, position, media_key_of(url), url, alt=alt, caption=caption, smaller=smaller)
            )
        return version

    def add_embed(self, embed: Embed, version: int) -> None:
        ref = PostRef(embed.platform, embed.post_id) if embed.post_id else None
        key = natural_id("embed", version, embed.position)
        self.rows["embeds"].append(
            EmbedRow(
                id=key,
                version=version,
                position=embed.position,
                platform=embed.platform,
                post=self.add_post(ref) if ref else None,
                kind=embed.kind.value,
                author=embed.author,
                author_name=embed.author_name,
                posted_at=embed.posted_at,
                text=embed.text,
                short_links=_json(embed.short_links),
                media=_json(embed.media),
                html=embed.html,
                context=embed.context,
            )
        )
        if ref:
            self.add_statement(_statement_of_embed(embed, ref))
            return
        for link in embed.short_links:
            self.add_link(_short_key(link), key, "embed")
        if embed.text or embed.author:
            names = fold(f"{embed.author or ''} {embed.author_name or ''}")
            self.rows["embeds_text"].append(EmbedTextRow(key, text=fold(embed.text or ""), author=names))

    def add_statement(self, statement: Statement) -> None:
        post = self.add_post(PostRef(statement.platform, statement.post_id))
        self.rows["statements"].append(
            StatementRow(
                id=natural_id("statement", self.capture.record_id, post, statement.source.value, statement.position),
                post=post,
                source=statement.source.value,
                capture=self.capture_id,
                said_at=self.capture.captured_at,
                position=statement.position,
                state=statement.state.value if statement.state else None,
                author=statement.author,
                author_name=statement.author_name,
                text=statement.text,
                posted_at=statement.posted_at,
                language=statement.language,
                short_links=_json(statement.short_links),
                media=_json([_media_json(ref) for ref in statement.media]),
                quotes=self.add_post(statement.quotes) if statement.quotes else None,
                replies_to=self.add_post(statement.replies_to) if statement.replies_to else None,
            )
        )
        for link in statement.short_links:
            self.add_link(_short_key(link), post, "post")
        for ref in statement.media:
            self.add_link(ref.key, post, "post")

    def add_answering_host(self, findings: Findings) -> None:
        """The host, where it answered for a live post: another one's "not found" counts as gone there."""
        if any(one.state is PostState.LIVE and one.source not in SECOND_HAND for one in findings.statements):
            host = url_key(self.capture.url).partition("/")[0].partition("?")[0]
            self.rows["answering_hosts"].append(AnsweringHostRow(crawl_id(self.capture.crawl) or 0, host))

    def add_media(self, file: MediaFile, payload_digest: str) -> None:
        key = natural_id("media", file.sha256)
        self.rows["media"].append(
            MediaRow(
                id=key,
                sha256=file.sha256,
                mime=file.mime,
                size=file.size,
                width=file.width,
                height=file.height,
                pdq=file.pdq,
                pdq_trimmed=file.pdq_trimmed,
                exif=file.exif,
            )
        )
        for each in (file.pdq, file.pdq_trimmed):
            if each is not None:
                self.rows["picture_bands"] += [PictureBandRow(band, key) for band in bands_of(each)]
        self.rows["media_payloads"].append(MediaPayloadRow(payload_digest, key))


def rows_of(capture: Capture, findings: Findings) -> Rows:
    """All rows that one capture and its findings make."""
    maker = _RowMaker(capture)
    maker.add_capture()
    if findings.page is not None:
        version = maker.add_page(findings.page)
        if findings.embeds is not None:
            for embed in findings.embeds.embeds:
                maker.add_embed(embed, version)
            for link in findings.embeds.links:
                maker.rows["linked_posts"].append(LinkedPostRow(version, maker.add_post(PostRef(link.platform, link.post_id))))
    maker.add_answering_host(findings)
    if findings.control:
        return maker.rows
    for statement in findings.statements:
        maker.add_statement(statement)
    for alias in findings.aliases:
        maker.add_link(alias.key, maker.add_post(alias.post), "post")
    if findings.unreadable is not None:
        maker.rows["failures"].append(
            FailureRow(
                id=natural_id("failure", capture.record_id),
                url=capture.url,
                url_key=url_key(capture.url),
                failed_at=capture.captured_at,
                error=UNREADABLE,
                reason=findings.unreadable,
                crawl=crawl_id(capture.crawl),
            )
        )
    if findings.media is not None and capture.payload_digest:
        maker.add_media(findings.media, capture.payload_digest)
    return maker.rows


def _statement_of_embed(embed: Embed, ref: PostRef) -> Statement:
    """What an embed says of its post: a statement too, and the only one where the post is gone."""
    pictures = tuple(MediaRef(url, media_key_of(url)) for url in embed.media)
    return Statement(
        ref.platform, ref.post_id, Source.EMBED, author=embed.author, author_name=embed.author_name, text=embed.text,
        posted_at=embed.posted_at, short_links=embed.short_links, media=pictures, position=embed.position,
    )  # fmt: skip


def _short_key(link: str) -> str:
    return next((key for platform in PLATFORMS if (key := platform.short_link(link))), link)


def _media_json(ref: MediaRef) -> dict[str, Any]:
    return {"url": ref.url, "key": ref.key, "kind": ref.kind.value, "alt": ref.alt, "width": ref.width, "height": ref.height}


def _json(value: Iterable[Any], dumps: Callable[..., str] = json.dumps) -> str:
    return dumps(list(value), ensure_ascii=False, separators=(",", ":")) if value else "[]"
