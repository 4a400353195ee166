"""The public requests that say more about a post of Twitter / X, with the token that one of them needs, and their replies."""

import html
import math
import re
from collections.abc import Iterator
from urllib.parse import quote

from archiver.html.dates import first_date
from archiver.model.findings import Alias, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import PostRequest
from archiver.platforms.replies import Json, object_at, object_in, objects_at, value_at
from archiver.platforms.twitter.text import attributions
from archiver.platforms.twitter.urls import (
    NAME,
    handle_of,
    media_addresses,
    media_key_of,
    post_id_of,
    short_link_key,
    short_links_in,
)
from archiver.times import from_iso, to_iso
from archiver.urls import absolute, query_value

# Words of a tombstone, lower case, as seen in public code and issue threads up to mid 2026.
_TOMBSTONE_WORDS = (
    ("deleted by the", PostState.DELETED),
    ("suspended", PostState.SUSPENDED),
    ("limits who can view", PostState.PROTECTED),
    ("protected", PostState.PROTECTED),
    ("age-restricted", PostState.AGE_RESTRICTED),
    ("adult content", PostState.AGE_RESTRICTED),
    ("sensitive", PostState.AGE_RESTRICTED),
    ("withheld", PostState.WITHHELD),
    ("no longer exists", PostState.GONE),
)
_REQUEST = re.compile(
    r"https?://(?:(?P<syndication>cdn\.syndication\.twimg\.com/tweet-result)|publish\.(?:twitter|x)\.com/oembed)\?"
)
_META_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?refresh[^>]*?url\s*=\s*[\"']?([^\"'>\s]+)", re.I)
_LOCATION_REPLACE = re.compile(r"location\.replace\(\s*[\"']([^\"']+)")
_TITLE_URL = re.compile(r"<title>\s*(https?://[^<\s]+)", re.I)


def requests_about(post_id: str) -> tuple[PostRequest, ...]:
    """The embed widget's own data first, then oEmbed, the cheapest look at whether a post is up (twitter.com, not x.com)."""
    post = quote(f"https://twitter.com/i/status/{post_id}", safe="")
    return (
        PostRequest(
            f"https://cdn.syndication.twimg.com/tweet-result?id={post_id}&lang=en&token={token_of(post_id)}", "syndication"
        ),
        PostRequest(
            f"https://publish.x.com/oembed?url={post}&omit_script=1&dnt=1",
            "oembed",
            (f"https://publish.twitter.com/oembed?url={post}&omit_script=1&dnt=1",),
        ),
    )


def is_reply(url: str) -> bool:
    """Whether `read` reads the reply to this URL."""
    return _REQUEST.match(url) is not None or short_link_key(url) is not None


def read(url: str, status: int, location: str | None, body: bytes) -> Findings | None:
    """What a reply says of a post; None for URLs that `is_reply` does not know. What cannot be read gives empty findings."""
    request = _REQUEST.match(url)
    if request and request["syndication"]:
        return _read_syndication(query_value(url, "id") or "", status, body)
    if request:
        return _read_oembed(post_id_of(query_value(url, "url") or ""), status, body)
    if (key := short_link_key(url)) is not None:
        return _read_short_link(key, url, status, location, body)
    return None


# --- syndication --------------------------------------------------------------------------------------------


def _read_syndication(post_id: str, status: int, body: bytes) -> Findings:
    if not post_id.isdecimal():
        return Findings()
    if status == 404:
        return _stated(post_id, Source.SYNDICATION, PostState.GONE)
    reply = object_in(body)
    if status != 200 or reply is None:
        return Findings()
    if not reply:
        return _stated(post_id, Source.SYNDICATION, PostState.GONE)
    if reply.get("__typename") == "TweetTombstone" or "tombstone" in reply:
        return _stated(post_id, Source.SYNDICATION, _state_of_tombstone(reply))
    statements = tuple(_statements_of(reply))
    if not statements or post_id not in (statements[0].post_id, *_ids_of_edits(reply)):
        return Findings()
    return Findings(statements=statements, aliases=tuple(dict.fromkeys(_aliases_of(reply))))


def _state_of_tombstone(reply: Json) -> PostState:
    words = str(value_at(reply, "tombstone", "text", "text") or "").lower()
    return next((state for phrase, state in _TOMBSTONE_WORDS if phrase in words), PostState.TOMBSTONE)


def _statements_of(tweet: Json, depth: int = 0) -> Iterator[Statement]:
    """A post, then the posts that it quotes and answers, as far as the reply carries them."""
    post_id = _text(tweet.get("id_str"))
    if post_id is None or not post_id.isdecimal():
        return
    quoted, parent = object_at(tweet, "quoted_tweet"), object_at(tweet, "parent")
    yield Statement(
        platform=NAME,
        post_id=post_id,
        source=Source.SYNDICATION,
        state=PostState.LIVE,
        author=_text(value_at(tweet, "user", "screen_name")),
        author_name=_text(value_at(tweet, "user", "name")),
        text=_words_of(tweet),
        posted_at=_moment(tweet.get("created_at")),
        language=_text(tweet.get("lang")),
        short_links=_short_links_of(tweet),
        media=tuple(_media_of(tweet)),
        quotes=_ref(quoted.get("id_str")),
        replies_to=_ref(tweet.get("in_reply_to_status_id_str")) or _ref(parent.get("id_str")),
    )
    if depth < 2:
        for other in (quoted, parent):
            yield from _statements_of(other, depth + 1)


def _words_of(tweet: Json) -> str | None:
    """The text, whole where the reply has all of a long post: `note_tweet` mostly has an id only, then `text` is cut."""
    note = object_at(tweet, "note_tweet")
    whole = _text(note.get("text")) or _text(value_at(note, "note_tweet_results", "result", "text"))
    text = whole or _text(tweet.get("text")) or _text(tweet.get("full_text"))
    return html.unescape(text) if text else None


def _short_links_of(tweet: Json) -> tuple[str, ...]:
    links = [f"{entity.get('url', '')} {entity.get('display_url', '')}" for entity in _entities(tweet)]
    return short_links_in(" ".join((*links, str(tweet.get("text", "")))))


def _entities(tweet: Json) -> list[Json]:
    pools = (value_at(tweet, "entities", "urls"), value_at(tweet, "entities", "media"), tweet.get("mediaDetails"))
    return [entity for pool in pools for entity in objects_at(pool)]


def _media_of(tweet: Json) -> Iterator[MediaRef]:
    media = [medium for detail in objects_at(tweet, "mediaDetails") for medium in _media_of_detail(detail)]
    photos = (_picture(photo.get("url"), MediaKind.PICTURE, photo, photo) for photo in objects_at(tweet, "photos"))
    media += [photo for photo in photos if photo is not None]
    by_key: dict[str, MediaRef] = {}
    for medium in media:
        by_key.setdefault(medium.key, medium)
    yield from by_key.values()


def _media_of_detail(detail: Json) -> Iterator[MediaRef]:
    kind = MediaKind.POSTER if detail.get("type") in ("video", "animated_gif") else MediaKind.PICTURE
    picture = _picture(detail.get("media_url_https"), kind, object_at(detail, "original_info"), detail)
    if picture is not None:
        yield picture
    variants = [
        (variant.get("bitrate") if isinstance(variant.get("bitrate"), int) else 0, url)
        for variant in objects_at(detail, "video_info", "variants")
        if variant.get("content_type") == "video/mp4" and (url := _text(variant.get("url")))
    ]
    if variants:
        best = max(variants, key=lambda variant: variant[0] or 0)[1]
        yield MediaRef(best, media_key_of(best) or best, MediaKind.VIDEO, alt=_text(detail.get("ext_alt_text")))


def _picture(url: object, kind: MediaKind, size: Json, described: Json) -> MediaRef | None:
    address = _text(url)
    key = media_key_of(address) if address else None
    if address is None or key is None:
        return None
    width, height = size.get("width"), size.get("height")
    return MediaRef(
        media_addresses(address)[0],
        key,
        kind,
        alt=_text(described.get("ext_alt_text")) or _text(described.get("accessibilityLabel")),
        width=width if isinstance(width, int) else None,
        height=height if isinstance(height, int) else None,
    )


def _aliases_of(tweet: Json, depth: int = 0) -> Iterator[Alias]:
    for entity in _entities(tweet):
        key, post = short_link_key(str(entity.get("url", ""))), _ref(post_id_of(str(entity.get("expanded_url", ""))))
        if key and post:
            yield Alias(key, post)
    if depth < 2:
        for other in ("quoted_tweet", "parent"):
            yield from _aliases_of(object_at(tweet, other), depth + 1)


def _ids_of_edits(tweet: Json) -> tuple[str, ...]:
    """All ids of one post: each edit gives it another, and a request for an old one is answered with the newest."""
    control = object_at(tweet, "edit_control")
    ids = control.get("edit_tweet_ids") or value_at(control, "edit_control_initial", "edit_tweet_ids")
    return tuple(known for known in ids if isinstance(known, str)) if isinstance(ids, list) else ()


# --- oEmbed and short links ---------------------------------------------------------------------------------


def _read_oembed(post_id: str | None, status: int, body: bytes) -> Findings:
    if post_id is None:
        return Findings()
    if status == 404:  # the body is often an HTML page
        return _stated(post_id, Source.OEMBED, PostState.GONE)
    if status == 403:
        # "Sorry, you are not authorized to see this status" is the reply for protected and for age-restricted posts alike.
        words = body[:4000].decode("utf-8", "replace").lower()
        if "authorized" in words:
            return _stated(post_id, Source.OEMBED, PostState.PROTECTED)
        # All other refusals that the service itself words (JSON) are of suspended accounts; a firewall's page is none of its.
        stated = "suspended" in words or object_in(body) is not None
        return _stated(post_id, Source.OEMBED, PostState.SUSPENDED) if stated else Findings()
    reply = object_in(body)
    markup = _text(reply.get("html")) if reply else None
    if status != 200 or reply is None or markup is None:
        return Findings()
    return Findings(statements=(_statement_of_oembed(post_id, reply, markup),))


def _statement_of_oembed(post_id: str, reply: Json, markup: str) -> Statement:
    paragraph = re.search(r"<p\b(?P<attributes>[^>]*)>(?P<text>.*?)</p>", markup, re.S | re.I)
    words = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br\s*/?>", "\n", paragraph["text"]))) if paragraph else None
    language = re.search(r"\blang=\"([\w-]+)\"", paragraph["attributes"]) if paragraph else None
    tail = html.unescape(re.sub(r"<[^>]*>", "", markup[paragraph.end() :] if paragraph else markup))
    attribution = next(iter(attributions(tail)), None)
    date = first_date(tail)
    return Statement(
        platform=NAME,
        post_id=post_id_of(str(reply.get("url", ""))) or post_id,
        source=Source.OEMBED,
        state=PostState.LIVE,
        author=handle_of(str(reply.get("url", ""))) or (attribution.handle if attribution else None),
        author_name=_text(reply.get("author_name")) or (attribution.name if attribution else None),
        text=words.strip() if words else None,
        posted_at=date[0] if date else None,
        language=language[1] if language else None,
        short_links=short_links_in(html.unescape(markup)),
    )


def _read_short_link(key: str, url: str, status: int, location: str | None, body: bytes) -> Findings:
    target = location if status in (301, 302, 303, 307, 308) else None
    if status == 200:  # what a user agent with "Mozilla" in it gets
        page = body[:8000].decode("utf-8", "replace")
        found = _META_REFRESH.search(page) or _LOCATION_REPLACE.search(page) or _TITLE_URL.search(page)
        target = html.unescape(found[1]).replace("\\/", "/") if found else None
    target = absolute(url, target) if target else None
    if target is None or short_link_key(target) == key:
        return Findings()
    post = _ref(post_id_of(target))
    if post is None:
        return Findings(links=(target,))
    statement = Statement(NAME, post.post_id, Source.SHORT_LINK, author=handle_of(target), short_links=(key,))
    return Findings(statements=(statement,), aliases=(Alias(key, post),), links=(target,))


# --- values ---------------------------------------------------------------------------------------------------


def _stated(post_id: str, source: Source, state: PostState) -> Findings:
    return Findings(statements=(Statement(NAME, post_id, source, state),))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _ref(post_id: object) -> PostRef | None:
    return PostRef(NAME, post_id) if isinstance(post_id, str) and post_id.isdecimal() else None


def _moment(value: object) -> str | None:
    try:
        return to_iso(from_iso(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def token_of(post_id: str) -> str:
    """`((Number(ID) / 1e15) * Math.PI).toString(36).replace(/(0+|\\.)/g, "")`, as the widget's JavaScript computes it."""
    return re.sub(r"0+|\.", "", _base36(float(int(post_id)) / 1e15 * math.pi))


def _base36(value: float) -> str:
    """A positive number as V8's `DoubleToRadixCString` writes it: as many digits as distinguish it from its neighbours."""
    whole, fraction = int(value), value - int(value)
    delta = max(0.5 * (math.nextafter(value, math.inf) - value), 5e-324)
    digits: list[int] = []
    while fraction >= delta or not digits:
        if fraction < delta:
            break
        fraction, delta = fraction * 36, delta * 36
        digit = int(fraction)
        digits.append(digit)
        fraction -= digit
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            whole += _carried(digits)
            break
    return _whole36(whole) + ("." + "".join(_DIGITS[digit] for digit in digits) if digits else "")


def _carried(digits: list[int]) -> int:
    """Rounds the last digit up, through all that are full; gives what is carried into the whole number."""
    while digits:
        if digits[-1] + 1 < 36:
            digits[-1] += 1
            return 0
        digits.pop()
    return 1


def _whole36(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _DIGITS[rest] + letters
    return letters or "0"
