"""What servers of Mastodon's kind say of a post: their API's status, and the page that they make for frames."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms import moments
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, tree_of, words_of
from archiver.platforms.loosejson import Json, at, child, children, object_in, text_at
from archiver.platforms.oembed_replies import pixels

MAX_WORDS = 200_000  # characters of HTML; servers take 500 to 50,000 of text
MAX_DEPTH = 2  # a boosted post may quote another one

_BASE = "https://invalid.invalid/"  # the addresses in replies are whole
_NUMBER = Pattern(r"[1-9]\d{0,19}")
_KINDS = {"video": MediaKind.VIDEO, "gifv": MediaKind.VIDEO, "audio": MediaKind.VIDEO}

Naming = Callable[[str], str]
"""From the number of a post on the server that was asked to the post's id."""


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
    if number is None or not child(post, "account"):
        return
    boosted, quoted, answered = child(post, "reblog"), _quoted(post), child(post, "in_reply_to")
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
        posted_at=moments.from_text(post.get("created_at")),
        language=text_at(post, "language"),
        media=() if boosted else distinct(list(_media(platform, post))),
        quotes=PostRef(platform.name, naming(quotes)) if quotes else None,
        replies_to=PostRef(platform.name, naming(replies_to)) if replies_to else None,
    )
    if depth < MAX_DEPTH:
        for other in (boosted, quoted, answered):
            yield from _statements(platform, other, naming, depth + 1)


def _quoted(post: Json) -> Json:
    """The quoted post: within `quote` since Mastodon 4.4, `quote` itself on Truth Social, Gab and other relatives [?]."""
    quote = child(post, "quote")
    return child(quote, "quoted_status") or quote


def _quoted_number(post: Json) -> str | None:
    names = (("quote", "quoted_status_id"), ("quote_id",), ("quote_of_id",))
    return next((number for name in names if (number := _number(at(post, *name))) is not None), None)


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
    for attachment in children(post, "media_attachments"):
        yield from _attached(platform, attachment)
    card = child(post, "card")
    picture = _medium(platform, text_at(card, "image"), MediaKind.PICTURE, text_at(card, "image_description"), card)
    yield replace(picture, caption=text_at(card, "title")) if picture is not None else None


def _attached(platform: Platform, attachment: Json) -> Iterator[MediaRef | None]:
    kind = _KINDS.get(text_at(attachment, "type") or "", MediaKind.PICTURE)
    alt, size = text_at(attachment, "description"), child(attachment, "meta", "original")
    address = text_at(attachment, "source_mp4") or text_at(attachment, "url") or text_at(attachment, "remote_url")
    yield _medium(platform, address, kind, alt, size)
    if kind is MediaKind.VIDEO or address is None:
        kind = MediaKind.POSTER if kind is MediaKind.VIDEO else kind
        yield _medium(platform, text_at(attachment, "preview_url"), kind, alt, child(attachment, "meta", "small"))


def _medium(platform: Platform, address: str | None, kind: MediaKind, alt: str | None, size: Json) -> MediaRef | None:
    width, height = pixels(size.get("width")), pixels(size.get("height"))
    key = platform.media_key(address) if address else None
    return medium(_BASE, address, key, kind, alt=alt, width=width, height=height)


def _number(value: object) -> str | None:
    """A post's number, as text or (on Gab, long ago) as a number."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) and value != "" else ""
    return text if len(text) <= 20 and _NUMBER.fullmatch(text) and text.isascii() else None


# --- the page for frames ------------------------------------------------------------------------------------


def read_frame(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """The reply to `/@name/NUMBER/embed`, as Mastodon up to 4.2 and its relatives write it; later ones load it by script."""
    if status in (404, 410):
        return stated(platform.name, post_id, PostState.GONE)
    if status != 200 or b"status__content" not in body:
        return Findings()
    tree = tree_of(url, body)
    post = tree.css_first(".detailed-status") or tree.css_first(".entry .status") or tree.css_first(".status")
    if post is None:
        return Findings()
    time = post.css_first("time[datetime]")
    account = (words_of(post.css_first(".display-name__account")) or "").strip().removeprefix("@")
    said = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=platform.author_in(url) or account.partition("@")[0] or None,
        author_name=words_of(post.css_first(".display-name__html") or post.css_first(".display-name strong")),
        text=_framed_words(post),
        posted_at=moments.from_text(time.attributes.get("datetime") if time is not None else None),
        media=distinct([one for node in post.css("[data-props]")[:20] for one in _framed_media(platform, node)]),
    )
    return Findings(statements=(said,))


def _framed_words(post: LexborNode) -> str | None:
    content = post.css_first(".status__content .e-content")
    if content is None:
        return words_of(post.css_first(".status__content"))
    parts = (words_of(post.css_first(".status__content .p-summary")), _text_without_links_to_quotes(content))
    return "\n\n".join(part for part in parts if part) or None


def _framed_media(platform: Platform, node: LexborNode) -> Iterator[MediaRef | None]:
    """Galleries and players have what they show as JSON beside them."""
    props = object_in(node.attributes.get("data-props") or "")
    if props is None:
        return
    for attachment in children(props, "media"):
        yield from _attached(platform, attachment)
    yield _medium(platform, text_at(props, "src"), MediaKind.VIDEO, text_at(props, "alt"), {})
    yield _medium(platform, text_at(props, "preview") or text_at(props, "poster"), MediaKind.POSTER, text_at(props, "alt"), {})
    card = child(props, "card")
    yield _medium(platform, text_at(card, "image"), MediaKind.PICTURE, text_at(card, "title"), card)
