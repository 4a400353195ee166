"""An index of a page, a tweet in it, its picture and its screenshots, made without a crawl: as much of it as a test wants."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver.model.exchange import Capture
from archiver.model.findings import (
    Embed,
    EmbedFindings,
    EmbedKind,
    Findings,
    MediaFile,
    MediaRef,
    Page,
    PostRef,
    PostState,
    Source,
    Statement,
)
from archiver.model.render import Quality, RenderEnd, RenderStatus, ScreenshotKind, ScreenshotRecord
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index
from archiver.storage.index.writer import IndexWriter

WARC = "warc/20220911/job-20220911120000-00001-host.warc.gz"
PAGE_URL = "https://blog.example/a-post/"
POST = PostRef("twitter", "1568656084437740674")
POST_URL = f"https://twitter.com/i/status/{POST.post_id}"
DRAWN_URL = f"https://platform.twitter.com/embed/Tweet.html?id={POST.post_id}"
"""The page that shows the post by itself."""
KEY = "pbs.twimg.com/media/FcSbF8eXwAAyV3q"
PICTURE = f"https://{KEY}.jpg"
ORIGINAL = f"https://{KEY}?format=jpg&name=orig"
SMALL = f"https://{KEY}?format=jpg&name=small"
RECORD_BYTES = 100


def tweet(position: int = 1, **fields: Any) -> Embed:
    """An embed of the post with words, author and date."""
    said: dict[str, Any] = {
        "platform": "twitter", "post_id": POST.post_id, "url": POST_URL, "kind": EmbedKind.BLOCKQUOTE, "position": position,
        "author": "witness", "posted_at": "2022-09-10", "text": "They forgot their tanks",
    }  # fmt: skip
    return Embed(**said | fields)


def picture_of(width: int = 1200, height: int = 800) -> tuple[MediaRef, ...]:
    """The post's picture, in the size that its platform says."""
    return (MediaRef(PICTURE, KEY, width=width, height=height),)


class Made:
    """Writes rows. Each record stands RECORD_BYTES behind the one before, and is a second later."""

    def __init__(self, index: IndexWriter, number: int) -> None:
        self.index = index
        self.number = number

    def page(
        self, *embeds: Embed, url: str = PAGE_URL, title: str | None = "A post", captured_at: str | None = None,
        listing: bool = False,
    ) -> None:  # fmt: skip
        page = Page(url, title=title, is_listing=listing)
        capture = self._capture(url, captured_at, mime="text/html", resource_type="document")
        self.index.add(capture, Findings(page=page, embeds=EmbedFindings(embeds)))

    def says(self, state: PostState, post: PostRef = POST, *, source: Source = Source.SYNDICATION, **fields: Any) -> None:
        """What a platform's reply says."""
        said = Statement(post.platform, post.post_id, source, state, **fields)
        url = f"https://cdn.syndication.twimg.com/tweet-result?id={post.post_id}"
        self.index.add(self._capture(url, mime="application/json", resource_type="api"), Findings(statements=(said,)))

    def picture(self, url: str, width: int = 1200, height: int = 800, *, truncated: str | None = None) -> None:
        capture = self._capture(url, mime="image/jpeg", resource_type="image", truncated=truncated)
        file = MediaFile(f"{self.number:064x}", "image/jpeg", 1_000, width, height)
        self.index.add(capture, Findings(media=file if truncated is None else None))

    def no_picture(self, url: str, status: int) -> None:
        """A page that came where a picture was asked for."""
        self.index.add(self._capture(url, mime="text/html", resource_type="image", status=status), Findings())

    def shot(
        self, kind: ScreenshotKind, url: str, quality: Quality = Quality.GOOD, *, day: int = 11, post: PostRef | None = None,
        position: int | None = None, reason: str | None = None, path: str | None = None, sha256: str | None = None,
        taken_at: str | None = None,
    ) -> None:  # fmt: skip
        place = f"#{position}" if position is not None else ""
        capture = self._capture(
            f"urn:{kind.value}:{url}{place}",
            taken_at or self._drawn_at(day),
            record_type="resource",
            mime="image/png",
            status=None,
        )
        self.index.add_resource(capture, ScreenshotRecord(kind, url, 550, 600, quality, reason, post, position, path, sha256))

    def alone(self, quality: Quality = Quality.GOOD, *, post: PostRef | None = POST, **more: Any) -> None:
        """A post by itself."""
        self.shot(ScreenshotKind.EMBED, DRAWN_URL, quality, post=post, **more)

    def in_page(self, quality: Quality = Quality.GOOD, *, post: PostRef | None = POST, position: int = 1, **more: Any) -> None:
        """An embed where it stands in its page."""
        self.shot(ScreenshotKind.EMBED, PAGE_URL, quality, post=post, position=position, **more)

    def of_page(self, *kinds: ScreenshotKind, **more: Any) -> None:
        """Of the page itself, by default both kinds."""
        for kind in kinds or (ScreenshotKind.VIEW, ScreenshotKind.FULL_PAGE):
            self.shot(kind, PAGE_URL, **more)

    def rendered(
        self,
        url: str,
        ended: RenderStatus,
        reason: str | None = None,
        post: PostRef | None = None,
        *,
        day: int = 11,
        **notes: int,
    ) -> None:
        """How a render ended."""
        self.number += 1
        self.index.add_render(RenderEnd(url, self._drawn_at(day), ended, reason, post, notes), None)

    def _drawn_at(self, day: int) -> str:
        """An hour after whatever was captured. The next record's second, if one is made for it."""
        return f"2022-09-{day:02d}T13:00:{(self.number + 1) % 60:02d}.000Z"

    def _capture(self, url: str, captured_at: str | None = None, *, record_type: str = "response", **fields: Any) -> Capture:
        self.number += 1
        known: dict[str, Any] = {
            "record_id": f"<urn:uuid:{self.number}>", "record_type": record_type, "url": url,
            "captured_at": captured_at or f"2022-09-11T12:00:{self.number % 60:02d}.000Z", "status": 200,
            "payload_digest": f"sha256:{self.number:064x}", "warc": WARC, "offset": self.number * RECORD_BYTES,
            "length": RECORD_BYTES,
        }  # fmt: skip
        return Capture(**known | fields)


@contextmanager
def made_in(data_dir: Path) -> Iterator[Made]:
    """An index to put things into; what was put there before stays."""
    data_dir.mkdir(parents=True, exist_ok=True)
    database = open_index(ArchivePaths(data_dir).index)
    try:
        (last,) = database.execute("SELECT coalesce(max(offset), 0) FROM captures").fetchone()
        (renders,) = database.execute("SELECT count(*) FROM renders").fetchone()
        made = Made(IndexWriter(database), last // RECORD_BYTES + renders)
        yield made
        made.index.reached(WARC, None, (made.number + 1) * RECORD_BYTES)
        made.index.commit()
    finally:
        database.close()


def whole(made: Made, but: Iterable[str] = ()) -> None:
    """A page and its post with all that can be had, `but` for what is named: told, picture, alone, page, place."""
    lacking = set(but)
    assert lacking <= {"told", "picture", "alone", "page", "place"}
    made.page(tweet())
    if "told" not in lacking:
        words: dict[str, Any] = {"text": "They forgot their tanks", "author": "witness", "posted_at": "2022-09-10T10:00:00Z"}
        made.says(PostState.LIVE, media=picture_of(), **words)
    if "picture" not in lacking:
        made.picture(ORIGINAL)
    if "alone" not in lacking:
        made.alone()
        made.rendered(DRAWN_URL, RenderStatus.WHOLE, post=POST)
    if "page" not in lacking:
        made.of_page()
        made.rendered(PAGE_URL, RenderStatus.WHOLE)
    if "place" not in lacking:
        made.in_page()
