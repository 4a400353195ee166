"""Mastodon: any host, so the shape of an address tells, not the host's name."""

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, domains_of, host_in
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import ANYWHERE, Carrier
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Appearance, Ask, Example
from archiver.platforms.declared import Declared, Marker, Said
from archiver.platforms.mastodon import posts as mastodon_posts
from archiver.platforms.mastodon import replies as mastodon_replies
from archiver.urls import host_of

_HOST = r"(?P<host>[\w-]+(?:\.[\w-]+)+)"
_USER = r"(?:@|%40)[\w.-]+(?:(?:@|%40)[\w.-]+)?"
_ID = r"(?P<id>[1-9]\d{0,19})(?![\w-]|\.\w)"
_EMBED = r"(?P<sure>/embed(?![\w-]))?"
# Platforms whose addresses look alike, or whose own ids may follow an @name.
_OTHERS = frozenset(
    (
        *(
            "truthsocial.com",
            "gab.com",
            "gab.ai",
            "threads.net",
            "threads.com",
            "twitter.com",
            "x.com",
            "tiktok.com",
            "youtube.com",
        ),
        *("medium.com", "lemon8-app.com", "instagram.com", "facebook.com", "weibo.com", "weibo.cn", "vk.com", "bsky.app"),
        *(
            "rumble.com",
            "odysee.com",
            "substack.com",
            "flipboard.com",
            "reddit.com",
            "linkedin.com",
            "pinterest.com",
            "tumblr.com",
        ),
    )
)
# Only where a text has one of these is it worth looking at its addresses; each with the letters that it begins with.
_SIGNS = (
    ("/@", Pattern(r"/@[\w.-]{1,64}(?:@[\w.-]{1,200})?(?:\\?/|%2F)[1-9]")),
    ("%40", Pattern(r"%40[\w.-]{1,64}(?:%40[\w.-]{1,200})?(?:/|%2F)[1-9]")),
    ("statuses", Pattern(r"statuses(?:\\?/|%2F)[1-9]")),
    ("updates", Pattern(r"updates(?:\\?/|%2F)[1-9]")),
    ("phanpy.social", Pattern(r"phanpy\.social")),
)
_SAYS_SO = Pattern(r"(?:^|[.-])(?:mastodon|mstdn|masto|toot)(?:[.-]|$)")
_POSTED_BY = Pattern(r"\bPost by @(?P<handle>[\w.-]+)(?:@(?P<host>[\w.-]+))?")
_ASKED = Pattern(r"https?://(?P<host>[^/?#@:]+)(?::\d+)?/api/v1/statuses/(?P<id>[1-9]\d{0,19})/?(?:[?#]|$)")
_FRAMED = Pattern(r"https?://[^/?#@:]+(?::\d+)?/(?:@[\w.@-]+|users/[\w.-]+/(?:statuses|updates))/[1-9]\d{0,19}/embed/?(?:[?#]|$)")

_POST = "109302436954721982"
_FRAME = "https://tukkie.example/@ann/109302436954721982/embed"


class Mastodon(Declared):
    """An id is `host/number`: each server counts by itself, and keeps copies of other servers' posts under numbers of its own."""

    name = "mastodon"
    title = "Mastodon"
    signs = (mastodon_posts.MEDIA_PATH, *(letters for letters, _ in _SIGNS))
    hosts = (ANYWHERE,)
    asks_anywhere = True
    urls = (
        Pattern(rf"(?:main\.|dev\.)?elk\.zone/{_HOST}/{_USER}/{_ID}"),  # readers' applications on the web
        Pattern(rf"(?:[\w-]+\.)?phanpy\.social/#/{_HOST}/s/{_ID}"),
        Pattern(rf"{_HOST}/(?:web/|deck/)?{_USER}/{_ID}{_EMBED}"),
        Pattern(rf"{_HOST}/(?P<sure>users/[\w.-]+/(?:statuses|updates)/|ap/users/\d+/statuses/){_ID}"),
        Pattern(rf"{_HOST}/(?:deck/|(?P<sure>web/|redirect/))?statuses/{_ID}"),
    )
    markers = (
        Marker(".mastodon-embed", ("data-embed-url", "cite"), links=True),
        Marker(".toot-blockquote", ("cite",), EmbedKind.STATIC, links=True),  # static copies that themes for Hugo make
        Marker(".mastodon-toot", ("cite",), EmbedKind.STATIC, links=True),
    )
    media_forms = mastodon_posts.MEDIA_FORMS
    # No paces: a server bears 300 requests in five minutes (docs.joinmastodon.org, rate limits), as many as any host gets.
    examples = (
        Example(f'<iframe class="mastodon-embed" src="{_FRAME}"></iframe>', (f"tukkie.example/{_POST}",)),
        Example(f'<iframe data-src="{_FRAME}" src="about:blank"></iframe>', (f"tukkie.example/{_POST}",)),
        Example(
            '<iframe src="https://old.example/users/bea/statuses/48213/embed" class="mastodon-embed"></iframe>',
            ("old.example/48213",),
        ),
        Example(
            f'<blockquote class="mastodon-embed" data-embed-url="{_FRAME}"><a href="https://tukkie.example/@ann/{_POST}">'
            f"<div>Post by @ann@tukkie.example</div><div>View on Mastodon</div></a></blockquote>"
            f'<script data-allowed-prefixes="https://tukkie.example/" async src="https://tukkie.example/embed.js"></script>',
            (f"tukkie.example/{_POST}",),
        ),
        Example(
            f'<blockquote class="toot-blockquote" cite="https://tukkie.example/@ann/{_POST}"><p>Hello</p></blockquote>',
            (f"tukkie.example/{_POST}",),
        ),
        Example(f"<p>https://tukkie.example/@ann/{_POST}</p>", (f"tukkie.example/{_POST}",)),
        Example(
            f'<p><a href="https://tukkie.example/@bo@far.example/{_POST}">One</a>, '
            f'<a href="https://tukkie.example/web/statuses/109302436954721999">two</a>, '
            f'<a href="https://mastodon.example/@ann/7231">three</a></p>',
            links=(f"tukkie.example/{_POST}", "tukkie.example/109302436954721999", "mastodon.example/7231"),
        ),
        Example('<p>I am on <a rel="me" href="https://tukkie.example/@ann">Mastodon</a>.</p>'),
        Example(
            '<p><a href="https://tukkie.example/@ann/tagged/harbour">Posts</a> <a href="https://shop.example/@deal/20240115">x</a></p>'
        ),
        Example('<iframe src="https://tukkie.example/@ann/with_replies"></iframe>'),
        Example('<p><a href="https://tukkie.example/share?text=https%3A%2F%2Fblog.example%2Fa">Toot this</a></p>'),
        Example('<a class="mastodon-feed" href="https://tukkie.example/@ann" data-toot-limit="4">Toots</a>'),
        Example('<script src="https://tukkie.example/embed.js" async></script>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        """Where only an @name and a number stand, the number must hold a time, or the host's name say what it runs."""
        host, number = groups["host"] or "", groups["id"] or ""
        if _is_other(host) or re.search(r"\.[^\W\d_][\w-]*$", host) is None:
            return None
        sure = groups.get("sure") is not None or mastodon_posts.posted_at(number) is not None or _SAYS_SO.search(host) is not None
        return f"{host}/{number}" if sure else None

    def canonical_url(self, post_id: str) -> str:
        """An address without the author's name, from which servers of all versions lead on to the post [?]."""
        host, _, number = post_id.partition("/")
        return f"https://{host}/web/statuses/{number}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """Only under the name of one of the server's own accounts: any other gets 404 (Mastodon's `StatusesController`).

        Otherwise the page for readers, which leads there by the number alone.
        """
        host, _, number = post_id.partition("/")
        return f"https://{host}/@{author}/{number}/embed" if mastodon_posts.is_name(author) else self.canonical_url(post_id)

    def posted_at(self, post_id: str) -> str | None:
        return mastodon_posts.posted_at(post_id.partition("/")[2])

    # --- markup ---------------------------------------------------------------------------------------------

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        return super().find_embeds(document) if any(map(_may_lead_here, document.pieces)) else iter(())

    def find_links(self, document: Document) -> Iterator[str]:
        return super().find_links(document) if any(map(_may_lead_here, document.pieces)) else iter(())

    def find_media(self, document: Document) -> tuple[str, ...]:
        return super().find_media(document) if document.page.tells(mastodon_posts.MEDIA_PATH) else ()

    def read_frame(self, carrier: Carrier) -> Said:
        return Said(author=self.author_in(carrier.value))

    def read_box(self, node: LexborNode) -> Said:
        """The embed code of version 4.3 names the author and has no words of the post; a static copy has."""
        if "mastodon-embed" not in (node.attributes.get("class") or ""):
            return super().read_box(node)
        found = _POSTED_BY.search(text_of(node))
        author = self.author_in(node.attributes.get("data-embed-url") or "")
        return Said(author=author or (found["handle"] if found else None))

    def author_in(self, url: str) -> str | None:
        """`ann`, or `bo@far.example` where a server shows another one's post."""
        found = re.match(r"[^/?#]+/(?:web/|deck/)?(?:users/|@)(?P<handle>[\w.-]+(?:@[\w.-]+)?)", address_of(url))
        return found["handle"] if found else None

    # --- pictures and videos --------------------------------------------------------------------------------

    def media_key(self, url: str) -> str | None:
        return super().media_key(url) if self._is_medium(url) else None

    def media_urls(self, url: str) -> tuple[str, ...]:
        return super().media_urls(url) if self._is_medium(url) else ()

    def _is_medium(self, url: str) -> bool:
        return mastodon_posts.MEDIA_PATH in url and not _is_other(host_in(address_of(url)))

    # --- replies --------------------------------------------------------------------------------------------

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        host, _, number = post_id.partition("/")
        return (Ask(f"https://{host}/api/v1/statuses/{number}"),)

    def is_reply(self, url: str) -> bool:
        asked = _ASKED.match(url) if "/api/v1/statuses/" in url else _FRAMED.match(url) if "/embed" in url else None
        return asked is not None and not _is_other(host_of(url))

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        """A server speaks for its own numbers only: what it shows of other servers' posts is told of its copies."""
        if not self.is_reply(url):
            return None
        asked = _ASKED.match(url)
        if asked is not None:
            host = asked["host"].lower()
            return mastodon_replies.read_status(self, asked["id"], lambda number: f"{host}/{number}", status, body)
        post_id = self.parse_url(url)
        return mastodon_replies.read_frame(self, post_id, url, status, body) if post_id is not None else None


def _is_other(host: str) -> bool:
    return not _OTHERS.isdisjoint(domains_of(host))


def _may_lead_here(piece: Piece) -> bool:
    noted = piece.noted.get(Mastodon.name)
    if not isinstance(noted, bool):
        noted = any(sign.match(piece.html, at) for letters, sign in _SIGNS for at in piece.places(letters))
        piece.noted[Mastodon.name] = noted
    return noted
