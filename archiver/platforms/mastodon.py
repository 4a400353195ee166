"""Mastodon: on any host, so that its posts are recognised by the shape of their addresses, not by the host's name.

Truth Social and Gab run servers of Mastodon's kind and take from here what these have in common: ids made from the time, pictures
in two sizes, the API's status, the page that they make for frames.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of, domains_of, host_in
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import ANYWHERE, EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Appearance, Door, Example, Platform, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    page_tree,
    pixels,
    shown_text,
    state_only,
    text_at,
    time_of_milliseconds,
    time_of_text,
    value_at,
)
from archiver.urls import host_of

# Since October 2017 an id is 48 bits of milliseconds since 1970 and 16 bits that differ for posts of one millisecond
# (mastodon/mastodon, lib/mastodon/snowflake.rb); before, posts were counted. Posts that came from other servers have the id of
# the time that they state, and the oldest software that talks to Mastodon's is of 2008.
_EARLIEST = datetime(2008, 1, 1, tzinfo=UTC)
_LATEST = datetime(2035, 1, 1, tzinfo=UTC)  # the time of day written as digits (202205011234567890) would be of 2067

MEDIA_FORMS = (
    # `original/KEY.mp4` has `small/KEY.png`, so that the name's ending belongs to the key.
    MediaForm(
        Pattern(
            r"(?P<place>[^?#\s]{4,200}/media_attachments/files/(?:\d{1,3}/){1,7})(?:original|small)/(?P<file>[\w-]+\.\w{2,5})"
        ),
        "{place}{file}",
        ("https://{place}original/{file}", "https://{place}small/{file}"),
    ),
)
MEDIA_PATH = "/media_attachments/files/"
"""In each of these addresses; a quick search for it comes before anything slower."""


_NAME = Pattern(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,60}[A-Za-z0-9_])?")


def is_local_name(author: str | None) -> bool:
    """Whether it may be the name of an account of the server itself: those of others have a host behind them."""
    return author is not None and _NAME.fullmatch(author) is not None


def time_of_number(number: str) -> str | None:
    """The time that an id holds; None for ids that are counted."""
    if not (number.isascii() and number.isdigit() and 17 <= len(number) <= 18):
        return None
    milliseconds = int(number) >> 16
    return time_of_milliseconds(milliseconds, _EARLIEST) if milliseconds < _LATEST.timestamp() * 1_000 else None


# --- the platform --------------------------------------------------------------------------------------------

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
_REQUEST = Pattern(r"https?://(?P<host>[^/?#@:]+)(?::\d+)?/api/v1/statuses/(?P<id>[1-9]\d{0,19})/?(?:[?#]|$)")
_FRAMED = Pattern(
    r"https?://[^/?#@:]+(?::\d+)?/(?:@[\w.@-]+|users/[\w.-]+/(?:statuses|updates)|ap/users/\d+/statuses)"  # #36316, 4.5 [?]
    r"/[1-9]\d{0,19}/embed/?(?:[?#]|$)"
)

_POST = "109302436954721982"
_FRAME = "https://tukkie.example/@ann/109302436954721982/embed"


class Mastodon(Declared):
    """An id is `host/number`: each server counts by itself, and keeps copies of other servers' posts under numbers of its own."""

    name = "mastodon"
    title = "Mastodon"
    doors = (
        Door("api", "2026", "docs.joinmastodon.org/methods/statuses; no change found up to 4.7"),
        Door("embed_page", "2026", "mastodon/mastodon#34181 (2026-04): 4.5 and later may show no embed code"),
    )
    own_keywords = (MEDIA_PATH, *(letters for letters, _ in _SIGNS))
    hosts = (ANYWHERE,)
    asks_any_host = True
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
    media_forms = MEDIA_FORMS
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
        sure = groups.get("sure") is not None or time_of_number(number) is not None or _SAYS_SO.search(host) is not None
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
        return f"https://{host}/@{author}/{number}/embed" if is_local_name(author) else self.canonical_url(post_id)

    def posted_at(self, post_id: str) -> str | None:
        return time_of_number(post_id.partition("/")[2])

    # --- markup ---------------------------------------------------------------------------------------------

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        return super().find_embeds(document) if any(map(_may_lead_here, document.pieces)) else iter(())

    def find_links(self, document: Document) -> Iterator[str]:
        return super().find_links(document) if any(map(_may_lead_here, document.pieces)) else iter(())

    def find_media(self, document: Document) -> tuple[str, ...]:
        return super().find_media(document) if document.page.contains(MEDIA_PATH) else ()

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The embed code of version 4.3 names the author and has no words of the post; a static copy has."""
        if "mastodon-embed" not in (node.attributes.get("class") or ""):
            return super().read_box(node)
        found = _POSTED_BY.search(text_of(node))
        author = self.author_in(node.attributes.get("data-embed-url") or "")
        return EmbedContent(author=author or (found["handle"] if found else None))

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
        return MEDIA_PATH in url and not _is_other(host_in(address_of(url)))

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        host, _, number = post_id.partition("/")
        return (PostRequest(f"https://{host}/api/v1/statuses/{number}", "api"),)

    def is_reply(self, url: str) -> bool:
        match = _REQUEST.match(url) if "/api/v1/statuses/" in url else _FRAMED.match(url) if "/embed" in url else None
        return match is not None and not _is_other(host_of(url))

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        """A server speaks for its own numbers only: what it shows of other servers' posts is stated of its copies."""
        if not self.is_reply(url):
            return None
        match = _REQUEST.match(url)
        if match is not None:
            host = match["host"].lower()
            return read_status(self, match["id"], lambda number: f"{host}/{number}", status, body)
        post_id = self.parse_url(url)
        return read_frame(self, post_id, url, status, body) if post_id is not None else None


def _is_other(host: str) -> bool:
    return not _OTHERS.isdisjoint(domains_of(host))


def _may_lead_here(piece: Piece) -> bool:
    noted = piece.cache.get(Mastodon.name)
    if not isinstance(noted, bool):
        noted = any(sign.match(piece.html, at) for letters, sign in _SIGNS for at in piece.offsets(letters))
        piece.cache[Mastodon.name] = noted
    return noted


# --- the API -------------------------------------------------------------------------------------------------

MAX_WORDS = 200_000  # characters of HTML; servers take 500 to 50,000 of text
MAX_DEPTH = 2  # a boosted post may quote another one

_BASE = "https://invalid.invalid/"  # the addresses in replies are whole
_NUMBER = Pattern(r"[1-9]\d{0,19}")
_ATTACHMENT_KINDS = {"video": MediaKind.VIDEO, "gifv": MediaKind.VIDEO, "audio": MediaKind.VIDEO}

Naming = Callable[[str], str]
"""From the number of a post on the server that replies to the post's id."""


def read_status(platform: Platform, number: str, naming: Naming, status: int, body: bytes) -> Findings:
    """The reply to `/api/v1/statuses/NUMBER` (docs.joinmastodon.org, Status): the post, and what it boosts, quotes, answers.

    Private posts are "not found" to strangers as well. A server that answers nobody without an account says nothing of the post.
    """
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status in (404, 410):
        gone = Statement(platform.name, naming(number), Source.API, PostState.GONE)
        return Findings(statements=(gone,)) if text_at(reply, "error") else Findings()
    if status != 200 or _number(reply.get("id")) != number:
        return Findings()
    return Findings(statements=tuple(_statements(platform, reply, naming, 0)))


def _statements(platform: Platform, post: Json, naming: Naming, depth: int) -> Iterator[Statement]:
    number = _number(post.get("id"))
    if number is None or not object_at(post, "account"):
        return
    boosted, quoted, answered = object_at(post, "reblog"), _quoted(post), object_at(post, "in_reply_to")
    quotes = _number(boosted.get("id")) or _number(quoted.get("id")) or _quoted_number(post)
    replies_to = _number(post.get("in_reply_to_id")) or _number(answered.get("id"))
    yield Statement(
        platform=platform.name,
        post_id=naming(number),
        source=Source.API,
        state=PostState.LIVE,
        author=text_at(post, "account", "acct") or text_at(post, "account", "username"),
        author_name=text_at(post, "account", "display_name"),
        text=None if boosted else _words(post),
        posted_at=time_of_text(post.get("created_at")),
        language=text_at(post, "language"),
        media=() if boosted else distinct_media(list(_media(platform, post))),
        quotes=PostRef(platform.name, naming(quotes)) if quotes else None,
        replies_to=PostRef(platform.name, naming(replies_to)) if replies_to else None,
    )
    if depth < MAX_DEPTH:
        for other in (boosted, quoted, answered):
            yield from _statements(platform, other, naming, depth + 1)


# States of a quote in which the quoted post is shown, or would be to a reader without blocks (docs.joinmastodon.org, Quote, 4.5).
# In the others (pending, rejected, revoked, deleted, unauthorized) the reply names no post, so there is none to state it of:
# a Statement is about a post, not about who may quote it. The state stays in the captured reply.
_SHOWN_QUOTES = frozenset((None, "accepted", "blocked_account", "blocked_domain", "muted_account"))


def _quoted(post: Json) -> Json:
    """The quoted post: within `quote` since Mastodon 4.4, `quote` itself on Truth Social, Gab and other relatives [?]."""
    quote = object_at(post, "quote")
    if _number(quote.get("id")) is not None:
        return quote
    return object_at(quote, "quoted_status") if text_at(quote, "state") in _SHOWN_QUOTES else {}


def _quoted_number(post: Json) -> str | None:
    if text_at(post, "quote", "state") not in _SHOWN_QUOTES:
        return None
    names = (("quote", "quoted_status_id"), ("quote_id",), ("quote_of_id",))
    return next((number for name in names if (number := _number(value_at(post, *name))) is not None), None)


def _words(post: Json) -> str | None:
    """The warning that an author set before a post, then the post."""
    parts = (text_at(post, "spoiler_text"), _text_of_html(text_at(post, "content") or "") or text_at(post, "text"))
    return "\n\n".join(part for part in parts if part) or None


def _text_of_html(markup: str) -> str | None:
    body = LexborHTMLParser(markup[:MAX_WORDS]).body if markup else None
    return _text_without_links_to_quotes(body) if body is not None else None


def _text_without_links_to_quotes(node: LexborNode) -> str | None:
    """Quoting servers write `RE: address` into the words, for those that cannot quote; it has a class for leaving it out."""
    return text_of(node, without=frozenset(one.mem_id for one in node.css(".quote-inline"))) or None


def _media(platform: Platform, post: Json) -> Iterator[MediaRef | None]:
    for attachment in objects_at(post, "media_attachments"):
        yield from _attached(platform, attachment)
    card = object_at(post, "card")
    picture = _medium(platform, text_at(card, "image"), MediaKind.PICTURE, text_at(card, "image_description"), card)
    yield replace(picture, caption=text_at(card, "title")) if picture is not None else None


def _attached(platform: Platform, attachment: Json) -> Iterator[MediaRef | None]:
    kind = _ATTACHMENT_KINDS.get(text_at(attachment, "type") or "", MediaKind.PICTURE)
    alt, size = text_at(attachment, "description"), object_at(attachment, "meta", "original")
    address = text_at(attachment, "source_mp4") or text_at(attachment, "url") or text_at(attachment, "remote_url")
    yield _medium(platform, address, kind, alt, size)
    if kind is MediaKind.VIDEO or address is None:
        kind = MediaKind.POSTER if kind is MediaKind.VIDEO else kind
        yield _medium(platform, text_at(attachment, "preview_url"), kind, alt, object_at(attachment, "meta", "small"))


def _medium(platform: Platform, address: str | None, kind: MediaKind, alt: str | None, size: Json) -> MediaRef | None:
    width, height = pixels(size.get("width")), pixels(size.get("height"))
    key = platform.media_key(address) if address else None
    return media_ref(_BASE, address, key, kind, alt=alt, width=width, height=height)


def _number(value: object) -> str | None:
    """A post's number, as text or (on Gab, long ago) as a number."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) and value != "" else ""
    return text if len(text) <= 20 and _NUMBER.fullmatch(text) and text.isascii() else None


# --- the page for frames ------------------------------------------------------------------------------------


def read_frame(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """The reply to `/@name/NUMBER/embed`, as Mastodon up to 4.2 and its relatives write it; later ones load it by script."""
    if status in (404, 410):
        return state_only(platform.name, post_id, PostState.GONE)
    if status != 200 or b"status__content" not in body:
        return Findings()
    tree = page_tree(url, body)
    post = tree.css_first(".detailed-status") or tree.css_first(".entry .status") or tree.css_first(".status")
    if post is None:
        return Findings()
    time = post.css_first("time[datetime]")
    account = (shown_text(post.css_first(".display-name__account")) or "").strip().removeprefix("@")
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=platform.author_in(url) or account.partition("@")[0] or None,
        author_name=shown_text(post.css_first(".display-name__html") or post.css_first(".display-name strong")),
        text=_framed_words(post),
        posted_at=time_of_text(time.attributes.get("datetime") if time is not None else None),
        media=distinct_media([one for node in post.css("[data-props]")[:20] for one in _framed_media(platform, node)]),
    )
    return Findings(statements=(statement,))


def _framed_words(post: LexborNode) -> str | None:
    content = post.css_first(".status__content .e-content")
    if content is None:
        return shown_text(post.css_first(".status__content"))
    parts = (shown_text(post.css_first(".status__content .p-summary")), _text_without_links_to_quotes(content))
    return "\n\n".join(part for part in parts if part) or None


def _framed_media(platform: Platform, node: LexborNode) -> Iterator[MediaRef | None]:
    """Galleries and players have what they show as JSON beside them."""
    props = object_in(node.attributes.get("data-props") or "")
    if props is None:
        return
    for attachment in objects_at(props, "media"):
        yield from _attached(platform, attachment)
    yield _medium(platform, text_at(props, "src"), MediaKind.VIDEO, text_at(props, "alt"), {})
    yield _medium(platform, text_at(props, "preview") or text_at(props, "poster"), MediaKind.POSTER, text_at(props, "alt"), {})
    card = object_at(props, "card")
    yield _medium(platform, text_at(card, "image"), MediaKind.PICTURE, text_at(card, "title"), card)
