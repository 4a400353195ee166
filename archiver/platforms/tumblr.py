"""Tumblr: posts of a blog, by its name; or by a key, where the embed code does not name the blog."""

import re
from collections.abc import Mapping
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.document import Piece
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Findings, PostState
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.public_pages import page_door, page_request, read_public_page

_ID = r"(?P<id>\d{1,20})(?!\d)"
_BLOG = r"(?P<blog>[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?)"
# Hosts and first parts of a path that are no blog.
_NOT_BLOGS = frozenset(
    (
        *(
            "www",
            "media",
            "assets",
            "static",
            "embed",
            "api",
            "platform",
            "at",
            "href",
            "support",
            "engineering-assets",
            "vtt",
            "secure",
        ),
        *(
            "tagged",
            "search",
            "explore",
            "dashboard",
            "likes",
            "following",
            "widgets",
            "reblog",
            "post",
            "blog",
            "settings",
            "share",
        ),
        *(
            "login",
            "register",
            "about",
            "policy",
            "docs",
            "help",
            "apps",
            "themes",
            "follow",
            "oembed",
            "page",
            "communities",
            "image",
        ),
    )
)
_KEY = Pattern(r"embed/post/(?P<key>[\w:.-]{10,40})/")


class Tumblr(Declared):
    """Ids are `BLOG/NUMBER`, or `KEY/NUMBER`: numbers are unique, but no address without either leads anywhere.

    The key (`t:BO6…`) stands in the address of the embed's frame; the code has the blog's name in a link, where that is not a
    domain of the blog's own.
    """

    name = "tumblr"
    title = "Tumblr"
    doors = (
        Door("oembed", "2025-12", "tumblr/docs#153: another endpoint has 403 since 2025-12-12, of this one nothing is said"),
        page_door("2025", "blogs' own themes: JSON-LD of a SocialMediaPosting"),
        Door("embed_page", "2025", "embed codes in use; no change in public reports until 2026-09"),
    )
    hosts = ("tumblr.com", "tmblr.co")
    urls = (
        # Players of audio, video and photo sets are in paths below the post's.
        Pattern(rf"{_BLOG}\.tumblr\.com/(?:post|image|private|amp/post)/{_ID}", re.I),
        Pattern(rf"{_BLOG}\.tumblr\.com/(?P<id>\d{{8,20}})(?:[/?#]|$)", re.I),
        Pattern(rf"(?:www\.)?tumblr\.com/(?:dashboard/)?blog/(?:view/)?@?{_BLOG}/{_ID}", re.I),
        Pattern(rf"(?:www\.)?tumblr\.com/(?:video|video_file|audio_file|post/view)/(?:t:[\w-]+/)?@?{_BLOG}/{_ID}", re.I),
        Pattern(rf"(?:[\w-]+\.)?tumblr\.com/embed/post/(?P<key>(?:t:)?[\w-]{{10,40}})/{_ID}"),
        Pattern(rf"(?:www\.)?tumblr\.com/@?{_BLOG}/(?:post/)?(?P<id>\d{{5,20}})(?!\d)", re.I),
    )
    canonical = "https://{blog}.tumblr.com/post/{id}"
    markers = (Marker(".tumblr-post", ("data-href",)),)
    short_urls = (Pattern(r"tmblr\.co/[\w-]{6,30}"), Pattern(r"at\.tumblr\.com/[\w-]{1,60}/[\w-]{1,200}/[\w-]{6,30}"))
    media_forms = (
        MediaForm(
            Pattern(
                r"(?P<at>[\w.]*\bmedia\.tumblr\.com/(?P<folder>(?:[0-9a-f]{32}/)?)tumblr_(?P<key>(?:[a-z]+_)?[A-Za-z0-9]+(?:_r\d+)?)"
                r"_(?:75sq|\d{3,4})\.(?P<type>jpe?g|png|gif|webp))"
            ),
            "media.tumblr.com/tumblr_{key}",
            ("https://64.media.tumblr.com/{folder}tumblr_{key}_1280.{type}", "https://{at}"),
        ),
        MediaForm(
            Pattern(r"[\w.]*\bmedia\.tumblr\.com/(?:[0-9a-f]{32}/)?tumblr_(?P<key>(?:[a-z]+_)?[A-Za-z0-9]+(?:_r\d+)?)\.\w{3,4}"),
            "media.tumblr.com/tumblr_{key}",
        ),
        # Since 2019 the file's name differs from size to size, the folder is the picture's.
        MediaForm(
            Pattern(r"[\w.]*\bmedia\.tumblr\.com/(?P<key>[0-9a-f]{32}/[0-9a-f]{16}-[0-9a-f]{2})/s\d+x\d+\w*/\w+\.\w{3,4}"),
            "media.tumblr.com/{key}",
        ),
    )
    oembed = "https://www.tumblr.com/oembed/1.0?url={url}"
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"www.tumblr.com": 1.0, "64.media.tumblr.com": 0.2}
    examples = (
        Example(
            '<div class="tumblr-post" data-href="https://embed.tumblr.com/embed/post/t:Ab3dEfGh1JkLmN0pQrStUv/712345678901/v2" '
            'data-did="da39"><a href="https://www.tumblr.com/mira-bakes/712345678901">https://www.tumblr.com/mira-bakes/712345678901</a>'
            '</div><script async src="https://assets.tumblr.com/post.js"></script>',
            ("mira-bakes/712345678901",),
        ),
        Example(
            '<div class="tumblr-post" data-href="https://embed.tumblr.com/embed/post/Ab3dEfGh1JkLmN0pQrStUv/712345678901">'
            '<a href="http://blog.bakery.example/post/712345678901/rye">http://blog.bakery.example/post/712345678901/rye</a></div>',
            ("Ab3dEfGh1JkLmN0pQrStUv/712345678901",),
        ),
        Example(
            '<div class="tumblr-post" data-href="https://embed.tumblr.com/embed/post/t:Ab3dEfGh1JkLmN0pQrStUv/712345678901/v2">'
            '<iframe src="https://embed.tumblr.com/embed/post/t:Ab3dEfGh1JkLmN0pQrStUv/712345678901/v2?width=540"></iframe></div>',
            ("t:Ab3dEfGh1JkLmN0pQrStUv/712345678901",),
        ),
        Example(
            '<amp-iframe src="https://embed.tumblr.com/embed/post/Ab3dEfGh1JkLmN0pQrStUv/712345678901" width="540">'
            '<a placeholder href="http://mira-bakes.tumblr.com/post/712345678901/rye">Rye</a></amp-iframe>',
            ("mira-bakes/712345678901",),
        ),
        Example(
            '<iframe src="https://www.tumblr.com/video/mira-bakes/712345678901/500/"></iframe>', ("mira-bakes/712345678901",)
        ),
        Example(
            '<iframe src="https://mira-bakes.tumblr.com/post/98765432109/audio_player_iframe/mira-bakes/tumblr_n1?color=white"></iframe>',
            ("mira-bakes/98765432109",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://mira-bakes.tumblr.com/post/98765/rye\n</div></figure>",
            ("mira-bakes/98765",),
        ),
        Example(
            '<p><a href="https://www.tumblr.com/blog/view/mira-bakes/98765432109">One</a>, <a href="https://mira-bakes.tumblr.com/image/7">'
            'two</a>, <a href="https://tmblr.co/ZaBcDe1fGhIjK">three</a></p>',
            short_links=("tmblr.co/ZaBcDe1fGhIjK",),
            links=("mira-bakes/98765432109", "mira-bakes/7"),
        ),
        Example('<iframe src="https://platform.tumblr.com/v2/follow_button.html?type=follow&amp;tumblelog=mira-bakes"></iframe>'),
        Example(
            '<p>My <a href="https://mira-bakes.tumblr.com/">blog</a>, <a href="https://www.tumblr.com/mira-bakes">also</a>; '
            '<a href="https://www.tumblr.com/tagged/20180101">a tag</a>, <a href="http://www.tumblr.com/share/link?url=https%3A%2F%2F'
            'blog.example">share</a></p>'
        ),
        Example('<img src="https://64.media.tumblr.com/avatar_0123456789ab_128.pnj">'),
        Example('<script async src="https://assets.tumblr.com/post.js"></script>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if key := groups.get("key"):
            return f"{key}/{groups['id']}"
        blog = (groups["blog"] or "").lower()
        return None if blog in _NOT_BLOGS else f"{blog}/{groups['id']}"

    def canonical_url(self, post_id: str) -> str:
        """The blog's own address, the form that oEmbed takes; with a key that of the frame, which readers can open too."""
        if self._has_key(post_id):
            return f"https://embed.tumblr.com/embed/post/{post_id}"
        blog, _, number = post_id.partition("/")
        return self.canonical.format(blog=blog, id=number)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """Only with the key that its address wants: of a blog's name Tumblr makes no page for frames."""
        return self.canonical_url(post_id) if self._has_key(post_id) else None

    @staticmethod
    def _has_key(post_id: str) -> bool:
        """Keys have 22 characters, and mostly capitals; names of blogs have none."""
        key = post_id.partition("/")[0]
        return ":" in key or "_" in key or key != key.lower()

    def _named_by(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        return self._blog_named_in(node) or super()._named_by(piece, marker, node)

    def _blog_named_in(self, node: LexborNode) -> str | None:
        """The post by its blog's name, from a link within an embed."""
        hrefs = (link.attributes.get("href") or "" for link in node.css("a[href]")[:20])
        return next((post_id for href in hrefs if (post_id := self.parse_url(href)) and not self._has_key(post_id)), None)

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        """A frame within the platform's box is that box's, whatever name it goes by."""
        box: LexborNode | None = candidate.node
        for _ in range(3):
            if box is None:
                break
            if "tumblr-post" in (box.attributes.get("class") or "").split():
                return self._blog_named_in(box) or super().parse_frame(candidate)
            box = box.parent
        return self._blog_named_in(candidate.node) or super().parse_frame(candidate)

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The code shows the post's address alone; some editors put words in its place."""
        post_id = self._blog_named_in(node)
        words = "" if node.tag == "amp-iframe" else text_of(node)[:4_000]
        author = post_id.partition("/")[0] if post_id is not None else None
        return EmbedContent(author=author, text=words if words and "://" not in words else None)

    def author_in(self, url: str) -> str | None:
        found = re.match(
            rf"(?:(?:www\.)?tumblr\.com/(?:blog/)?@?{_BLOG}|(?P<name>[a-z0-9-]+)\.tumblr\.com)/?(?:$|[?#])", address_of(url), re.I
        )
        name = (found["blog"] or found["name"] or "").lower() if found else ""
        return name if name and name not in _NOT_BLOGS else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed takes the address of a post, and that has a page; that of a frame is none."""
        if self._has_key(post_id):
            return ()
        return (*super().requests_about(post_id), page_request(self.canonical_url(post_id)))

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """The post's page. Its `og:title` is that of the blog, and its `og:image` may be the blog's avatar."""
        if self._is_oembed(url) or self.parse_url(url) != post_id:
            return None
        return read_public_page(self, post_id, url, status, body, titled=False, picture=None)
