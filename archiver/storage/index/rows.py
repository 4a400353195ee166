"""Turns a capture and what it tells into rows of the index. Pure: the same bytes give the same rows, in whatever order."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from archiver.ids import natural_id
from archiver.media.pdq_bands import bands_of
from archiver.model.exchange import Capture, Crawl, Failure, ResourceType
from archiver.model.findings import Embed, Findings, MediaRef, Page, PostRef, Source, Statement
from archiver.model.render import Drawn, RenderEnd
from archiver.platforms import PLATFORMS, media_key_of, platform_named
from archiver.storage.index.normalize import fold
from archiver.times import to_warc_date
from archiver.urls import url_key

Rows = dict[str, list[tuple[Any, ...]]]
"""Table -> rows, in the order of the table's columns."""

# Raise it when what is read from the same bytes changes; `archiver reindex` then brings an index up to date. 3: pictures have
# perceptual hashes and EXIF fields.
EXTRACTOR = "3"
_NO_MEDIA = frozenset(
    {ResourceType.DOCUMENT, ResourceType.FRAME, ResourceType.STYLESHEET, ResourceType.SCRIPT, ResourceType.FONT}
)
UNREADABLE = "Unreadable"  # in `failures`: a response is held, and this program could not read it


def crawl_id(uuid: str | None) -> int | None:
    return natural_id("crawl", uuid) if uuid else None


def warc_id(path: str) -> int:
    return natural_id("warc", path)


def post_id(post: PostRef) -> int:
    return natural_id("post", post.platform, post.post_id)


def page_id(url: str) -> int:
    return natural_id("page", url_key(url))


def version_id(capture: Capture) -> int:
    """All that what is read depends on, but for the dates, which the time of the capture bounds (see `_EARLIER` in index.py)."""
    return natural_id("version", capture.url, capture.payload_digest or "", capture.content_type or "")


def crawl_row(crawl: Crawl) -> tuple[Any, ...]:
    return (crawl_id(crawl.uuid), crawl.uuid, crawl.job, crawl.started_at, None, crawl.software, crawl.settings, None)


def failure_row(failure: Failure, crawl: str | None) -> tuple[Any, ...]:
    moment = to_warc_date(failure.failed_at)
    key = natural_id("failure", failure.url, moment, failure.error)
    return (key, failure.url, url_key(failure.url), moment, failure.error, failure.reason, crawl_id(crawl))


def render_rows(end: RenderEnd, crawl: str | None) -> Rows:
    """How a render ended, and the post that it was to show."""
    post = post_row(end.post) if end.post is not None else None
    row = (
        natural_id("render", end.url, end.rendered_at), end.url, url_key(end.url), end.rendered_at, post[0] if post else None,
        end.ended.value, end.reason, json.dumps(dict(end.notes), sort_keys=True), crawl_id(crawl),
    )  # fmt: skip
    return {"renders": [row]} | ({"posts": [post]} if post else {})


def drawn_rows(capture: Capture, drawn: Drawn | None) -> Rows:
    """A resource record: its capture, and what it shows where it is a screenshot."""
    maker = _RowMaker(capture)
    maker.captured()
    if drawn is not None:
        key, post = natural_id("screenshot", capture.record_id), maker.post(drawn.post) if drawn.post is not None else None
        maker.rows["screenshots"].append((
            key, maker.capture_id, drawn.kind.value, drawn.url, url_key(drawn.url), capture.captured_at, post, drawn.position,
            drawn.width, drawn.height, drawn.quality.value, drawn.reason, drawn.path, drawn.sha256,
        ))  # fmt: skip
    return maker.rows


def post_row(ref: PostRef) -> tuple[Any, ...]:
    """A post that is only named so far."""
    platform = platform_named(ref.platform)
    assert platform is not None  # who read the reference is in PLATFORMS
    return (post_id(ref), ref.platform, ref.post_id, platform.canonical_url(ref.post_id), *[None] * 5)


class _RowMaker:
    """Collects the rows of one capture."""

    def __init__(self, capture: Capture) -> None:
        self.rows: Rows = defaultdict(list)
        self.capture = capture
        self.capture_id = natural_id("capture", capture.record_id)

    def post(self, ref: PostRef) -> int:
        row = post_row(ref)
        self.rows["posts"].append(row)
        return int(row[0])

    def link(self, key: str, target: int, kind: str) -> None:
        self.rows["links"].append((key, target, self.capture_id, kind))

    def captured(self) -> None:
        c = self.capture
        wants_media_key = c.record_type != "resource" and (
            c.resource_type not in _NO_MEDIA or (c.mime or "").startswith(("image/", "video/"))
        )
        self.rows["captures"].append((
            self.capture_id, c.record_id, c.record_type, c.url, url_key(c.url), media_key_of(c.url) if wants_media_key else None,
            c.captured_at, c.status, c.mime, c.payload_digest, c.resource_type, c.page_visit, c.etag, c.last_modified,
            c.truncated, c.refers_to, warc_id(c.warc), c.offset, c.length, crawl_id(c.crawl), int(c.with_cookies),
        ))  # fmt: skip

    def page(self, page: Page) -> int:
        c = self.capture
        version = version_id(c)
        self.rows["page_versions"].append((
            version, page_id(c.url), self.capture_id, c.captured_at, c.payload_digest, c.url, page.canonical_url, page.title,
            page.author, page.published_at, page.modified_at, page.language, page.site_name, page.description, _json(page.tags),
            _json([asdict(comment) for comment in page.comments]), int(page.is_listing), page.text, EXTRACTOR,
        ))  # fmt: skip
        pictures = [(picture.url, picture.alt, picture.caption, 0) for picture in page.pictures]
        pictures += [(url, None, None, 1) for url in page.shown]
        for position, (url, *said) in enumerate(pictures, 1):
            self.rows["page_pictures"].append((version, position, media_key_of(url), url, *said))
        return version

    def embed(self, embed: Embed, version: int) -> None:
        ref = PostRef(embed.platform, embed.post_id) if embed.post_id else None
        key = natural_id("embed", version, embed.position)
        post = self.post(ref) if ref else None
        self.rows["embeds"].append((
            key, version, embed.position, embed.platform, post, embed.kind.value, embed.author, embed.author_name,
            embed.posted_at, embed.text, _json(embed.short_links), _json(embed.media), embed.html, embed.context,
        ))  # fmt: skip
        if ref:
            self.statement(_said_by(embed, ref))
            return
        for link in embed.short_links:
            self.link(_short_key(link), key, "embed")
        if embed.text or embed.author:
            self.rows["embeds_text"].append(
                (key, fold(embed.text or ""), fold(f"{embed.author or ''} {embed.author_name or ''}"))
            )

    def statement(self, said: Statement) -> None:
        post = self.post(PostRef(said.platform, said.post_id))
        key = natural_id("statement", self.capture.record_id, post, said.source.value, said.position)
        self.rows["statements"].append((
            key, post, said.source.value, self.capture_id, self.capture.captured_at, said.position,
            said.state.value if said.state else None, said.author, said.author_name, said.text, said.posted_at, said.language,
            _json(said.short_links), _json([_media_json(ref) for ref in said.media]),
            self.post(said.quotes) if said.quotes else None, self.post(said.replies_to) if said.replies_to else None,
        ))  # fmt: skip
        for link in said.short_links:
            self.link(_short_key(link), post, "post")
        for ref in said.media:
            self.link(ref.key, post, "post")


def rows_of(capture: Capture, findings: Findings) -> Rows:
    """All rows that one capture and its findings make."""
    maker = _RowMaker(capture)
    maker.captured()
    if findings.page is not None:
        version = maker.page(findings.page)
        if findings.embeds is not None:
            for embed in findings.embeds.embeds:
                maker.embed(embed, version)
            for link in findings.embeds.links:
                maker.rows["linked_posts"].append((version, maker.post(PostRef(link.platform, link.post_id))))
    for statement in findings.statements:
        maker.statement(statement)
    for alias in findings.aliases:
        maker.link(alias.key, maker.post(alias.post), "post")
    if findings.unreadable is not None:
        key = natural_id("failure", capture.record_id)
        reason = (UNREADABLE, findings.unreadable, crawl_id(capture.crawl))
        maker.rows["failures"].append((key, capture.url, url_key(capture.url), capture.captured_at, *reason))
    if findings.media is not None and capture.payload_digest:
        file = findings.media
        key = natural_id("media", file.sha256)
        seen = (file.width, file.height, file.pdq, file.pdq_trimmed, file.exif)
        maker.rows["media"].append((key, file.sha256, file.mime, file.size, *seen))
        hashes = [each for each in (file.pdq, file.pdq_trimmed) if each is not None]
        maker.rows["picture_bands"] += [(band, key) for each in hashes for band in bands_of(each)]
        maker.rows["media_payloads"].append((capture.payload_digest, key))
    return maker.rows


def _said_by(embed: Embed, ref: PostRef) -> Statement:
    """An embed's own words are a statement too, and the only one where the post is gone."""
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
