"""Loops: short videos, by frames and links of loops.video.

From the server's source (joinloops/loops-server: `VideoResource`, `resources/views/video.blade.php`, as stored in 2026) and
from two programs that frame `/embed/CODE`, for which the stored source has no route; nothing was tried live [?]. The API wants
a number that is not in the address, and there is no oEmbed. Other servers run the same software; their addresses
(`HOST/v/CODE`) are anybody's.
"""

from collections.abc import Iterator
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.replies import distinct_media, media_ref, meta_content, page_tree, time_of_text
from archiver.platforms.video_site import VideoSite

_CODE = r"(?P<id>[\w-]{8,14})(?![\w-]|\.\w)"
_PAGE = Pattern(rf"loops\.video/v/{_CODE}")
_COUNTS = Pattern(r"\s*\u2022 \d+ likes \u00b7 \d+ comments\s*$")
_VIDEO = "60Sa-5oVYT"


class Loops(VideoSite):
    """Ids are short codes; case counts."""

    name = "loops"
    title = "Loops"
    doors = (
        Door("page", "2026", "the server's source; mlemgroup/mlem#2424 of 2025-11"),
        Door("embed_page", "2026", "two programs that frame it"),
    )
    hosts = ("loops.video", "loopsusercontent.com")
    urls = (Pattern(rf"loops\.video/(?:v|embed)/{_CODE}"),)
    canonical = "https://loops.video/v/{id}"
    embed = "https://loops.video/embed/{id}"
    paces: ClassVar[dict[str, float]] = {"loops.video": 0.5}
    examples = (
        Example(f'<iframe title="Nine ropes" src="https://loops.video/embed/{_VIDEO}" allowfullscreen></iframe>', (_VIDEO,)),
        Example(f'<iframe data-src="https://loops.video/embed/{_VIDEO}?t=42"></iframe>', (_VIDEO,)),
        Example(f"<p>https://loops.video/v/{_VIDEO}</p>", (_VIDEO,)),
        Example(f'<p><a href="https://www.loops.video/v/{_VIDEO}/">a loop</a></p>', links=(_VIDEO,)),
        Example('<p><a href="https://loops.video/@quaylog">me</a> on <a href="https://loops.video/">Loops</a></p>'),
        Example(f'<iframe src="https://shop.example/v/{_VIDEO}"></iframe>'),
    )

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The video's own page, which says in its head what it shows."""
        return (PostRequest(self.canonical_url(post_id), "page"),)

    def is_reply(self, url: str) -> bool:
        return "/v/" in url and _PAGE.match(address_of(url)) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        """A page without a head of its own is of a video that is gone or sensitive, or an application: it says nothing."""
        found = _PAGE.match(address_of(url)) if self.is_reply(url) else None
        if found is None:
            return None
        if status != 200 or b"og:video" not in body:
            return Findings()
        return Findings(statements=tuple(self._stated(found["id"], url, page_tree(url, body))))

    def _stated(self, post_id: str, url: str, tree: LexborHTMLParser) -> Iterator[Statement]:
        if self.parse_url(meta_content(tree, "og:url") or "") != post_id:
            return
        author = self.author_in(meta_content(tree, "article:author") or "")
        yield Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.EMBED_PAGE,
            state=PostState.LIVE,
            author=author,
            text=_words(meta_content(tree, "og:description")),
            posted_at=time_of_text(meta_content(tree, "video:release_date")),
            media=distinct_media(_media(url, tree)),
        )


def _words(description: str | None) -> str | None:
    """The caption, behind which the server counts likes and comments (`Nine ropes • 4 likes · 1 comments`)."""
    return _COUNTS.sub("", description).strip() or None if description else None


def _media(base: str, tree: LexborHTMLParser) -> Iterator[MediaRef | None]:
    yield media_ref(base, meta_content(tree, "og:video"), None, MediaKind.VIDEO)
    yield media_ref(base, meta_content(tree, "og:image"), None, MediaKind.POSTER)
