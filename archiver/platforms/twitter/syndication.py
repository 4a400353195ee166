"""`tweet-result`: what the script of X's embeds asks for, with the token that it needs.

Endpoint, token, `{}`, 404 and tombstones are as react-tweet 3.3.1 has them (2026-06-03). That
`article` and `card` stand in `tweet-result` is from replies that public programs quote, undated [?].
"""

import html
import math
import re
from collections.abc import Iterator
from dataclasses import replace

from archiver.model.findings import Alias, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.replies import Json, distinct_media, object_at, object_in, objects_at, value_at
from archiver.platforms.twitter.urls import NAME, media_key_of, post_id_of, short_link_key, short_links_in
from archiver.platforms.twitter.values import (
    MAX_CHOICES,
    article_cover,
    article_words,
    choices_of,
    is_id,
    moment_of,
    picture_of,
    ref_of,
    says_nothing,
    stated,
    text_of,
    with_attached,
)

# Words of a tombstone, lower case, as seen in public code and issue threads up to mid 2026, the first that fits.
# That `tweet-result` has the words of age estimates (gallery-dl#9647, 2026-07-12) and the reasons without spaces (yt-dlp,
# 2026-08), which are of the site's own API, is a guess [?].
_TOMBSTONE_WORDS = (
    ("deleted by the", PostState.DELETED),
    ("suspended", PostState.SUSPENDED),
    ("limits who can view", PostState.PROTECTED),
    ("protected", PostState.PROTECTED),
    ("age-restricted", PostState.AGE_RESTRICTED),
    ("adult content", PostState.AGE_RESTRICTED),
    ("sensitive", PostState.AGE_RESTRICTED),
    ("estimates your age", PostState.AGE_RESTRICTED),
    ("due to local laws", PostState.AGE_RESTRICTED),
    ("nsfwloggedout", PostState.AGE_RESTRICTED),
    ("nsfwviewer", PostState.AGE_RESTRICTED),
    ("withheld", PostState.WITHHELD),
    ("no longer exists", PostState.GONE),
)
# A card's picture, the largest first; of a player it is the still. Each has smaller ones under further names.
_CARD_PICTURES = (
    "photo_image_full_size_original",
    "summary_photo_image_original",
    "player_image_original",
    "thumbnail_image_original",
    "photo_image_full_size_large",
    "summary_photo_image_large",
    "player_image_large",
    "thumbnail_image_large",
    "thumbnail_image",
)


def read(post_id: str, status: int, body: bytes) -> Findings:
    """What the reply to a question about this post says of it, and of those that it quotes and answers."""
    if not is_id(post_id):
        return Findings()
    if status == 404:
        return stated(post_id, Source.SYNDICATION, PostState.GONE)
    reply = object_in(body)
    if status != 200 or reply is None:
        return Findings()
    if not reply:
        return stated(post_id, Source.SYNDICATION, PostState.GONE)
    if reply.get("__typename") == "TweetTombstone" or "tombstone" in reply:
        return stated(post_id, Source.SYNDICATION, _state_of_tombstone(reply))
    statements = tuple(_statements_of(reply))
    if not statements or post_id not in (statements[0].post_id, *_ids_of_edits(reply)):
        return Findings()
    if post_id != statements[0].post_id:  # a page embeds the edit that it knew
        statements = (*statements, replace(statements[0], post_id=post_id))
    return Findings(statements=statements, aliases=tuple(dict.fromkeys(_aliases_of(reply))))


def _state_of_tombstone(reply: Json) -> PostState:
    places = (("tombstone", "text", "text"), ("tombstone", "text"), ("tombstone", "reason"), ("reason",))
    words = " ".join(value for place in places if isinstance(value := value_at(reply, *place), str)).lower()
    return next((state for phrase, state in _TOMBSTONE_WORDS if phrase in words), PostState.TOMBSTONE)


def _statements_of(tweet: Json, depth: int = 0) -> Iterator[Statement]:
    """A post, then the posts that it quotes and answers, as far as the reply carries them."""
    post_id = text_of(tweet.get("id_str"))
    if post_id is None or not is_id(post_id):
        return
    quoted, parent = object_at(tweet, "quoted_tweet"), object_at(tweet, "parent")
    yield Statement(
        platform=NAME,
        post_id=post_id,
        source=Source.SYNDICATION,
        state=PostState.LIVE,
        author=text_of(value_at(tweet, "user", "screen_name")),
        author_name=text_of(value_at(tweet, "user", "name")),
        text=_words_of(tweet),
        posted_at=moment_of(tweet.get("created_at")),
        language=text_of(tweet.get("lang")),
        short_links=_short_links_of(tweet),
        media=distinct_media(_media_of(tweet)),
        quotes=ref_of(quoted.get("id_str")),
        replies_to=ref_of(tweet.get("in_reply_to_status_id_str")) or ref_of(parent.get("id_str")),
    )
    if depth < 2:
        for other in (quoted, parent):
            yield from _statements_of(other, depth + 1)


def _words_of(tweet: Json) -> str | None:
    """The text, whole where the reply has all of a long post: `note_tweet` mostly has an id only, then `text` is cut.

    With it the title and opening of an article, the choices of a poll, and a card's words where the post has none of its own.
    """
    note = object_at(tweet, "note_tweet")
    whole = text_of(note.get("text")) or text_of(value_at(note, "note_tweet_results", "result", "text"))
    written = whole or text_of(tweet.get("text")) or text_of(tweet.get("full_text"))
    text = html.unescape(written) if written else None
    card = _card_values(tweet)
    attached = [*article_words(object_at(tweet, "article"))]
    if says_nothing(text) and not attached:
        attached = [str(card.get("title") or ""), str(card.get("description") or "")]
    attached.append(choices_of(card.get(f"choice{number}_label") for number in range(1, MAX_CHOICES + 1)))
    return with_attached(text, map(html.unescape, attached))


def _card_values(tweet: Json) -> Json:
    """The texts and pictures of a card by name; they are listed as names with values, or as objects with both."""
    listed = value_at(tweet, "card", "binding_values")
    if isinstance(listed, list):
        listed = {str(one.get("key")): one.get("value") for one in objects_at(listed)}
    values = listed if isinstance(listed, dict) else {}
    return {name: text_of(value_at(value, "string_value")) or value_at(value, "image_value") for name, value in values.items()}


def _short_links_of(tweet: Json) -> tuple[str, ...]:
    links = [f"{entity.get('url', '')} {entity.get('display_url', '')}" for entity in _entities(tweet)]
    return short_links_in(" ".join((*links, str(tweet.get("text", "")))))


def _entities(tweet: Json) -> list[Json]:
    """Links and media of a post; since 2026-05-22 empty lists are left out, and `entities` may be `[]` (react-tweet#218)."""
    pools = (value_at(tweet, "entities", "urls"), value_at(tweet, "entities", "media"), tweet.get("mediaDetails"))
    return [entity for pool in pools for entity in objects_at(pool)]


def _media_of(tweet: Json) -> Iterator[MediaRef | None]:
    """Pictures and videos, then an article's cover and a card's picture: all that readers see of the post."""
    for detail in objects_at(tweet, "mediaDetails"):
        yield from _media_of_detail(detail)
    for photo in objects_at(tweet, "photos"):
        yield picture_of(
            photo.get("url"), MediaKind.PICTURE, width=photo.get("width"), height=photo.get("height"), alt=_alt_of(photo)
        )
    yield article_cover(object_at(tweet, "article"))
    card = _card_values(tweet)
    pictures = (object_at(card, name) for name in _CARD_PICTURES)
    found = (picture_of(one.get("url"), MediaKind.PICTURE, width=one.get("width"), height=one.get("height")) for one in pictures)
    yield next(filter(None, found), None)


def _media_of_detail(detail: Json) -> Iterator[MediaRef | None]:
    kind = MediaKind.POSTER if detail.get("type") in ("video", "animated_gif") else MediaKind.PICTURE
    size = object_at(detail, "original_info")
    yield picture_of(detail.get("media_url_https"), kind, width=size.get("width"), height=size.get("height"), alt=_alt_of(detail))
    variants = [
        (variant.get("bitrate") if isinstance(variant.get("bitrate"), int) else 0, url)
        for variant in objects_at(detail, "video_info", "variants")
        if variant.get("content_type") == "video/mp4" and (url := text_of(variant.get("url")))
    ]
    if variants:
        best = max(variants, key=lambda variant: variant[0] or 0)[1]
        yield MediaRef(best, media_key_of(best) or best, MediaKind.VIDEO, alt=text_of(detail.get("ext_alt_text")))


def _alt_of(described: Json) -> str | None:
    return text_of(described.get("ext_alt_text")) or text_of(described.get("accessibilityLabel"))


def _aliases_of(tweet: Json, depth: int = 0) -> Iterator[Alias]:
    for entity in _entities(tweet):
        key, post = short_link_key(str(entity.get("url", ""))), ref_of(post_id_of(str(entity.get("expanded_url", ""))))
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


# --- the token ------------------------------------------------------------------------------------------------

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
