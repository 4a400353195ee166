"""What Bluesky's public API says of a post (app.bsky.feed.getPostThread, github.com/bluesky-social/atproto, lexicons)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from archiver.html.pattern import Pattern
from archiver.model.findings import Alias, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms import moments
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium
from archiver.platforms.loosejson import Json, at, child, children, object_in, text_at
from archiver.urls import url_key

_BASE = "https://bsky.app/"
_TID = Pattern(r"[234567a-j][2-7a-z]{12}")
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_EARLIEST = datetime(2022, 1, 1, tzinfo=UTC)  # the first posts are of November 2022; a key's time may be no clock's
# Names of errors. Only the first is in the lexicon; the others are told of accounts [?]. "InvalidRequest" is said of a handle
# that nobody has (any more), too, which says nothing of the post: its author may have another one now.
_ERRORS = {
    "NotFound": PostState.GONE,
    "AccountTakedown": PostState.SUSPENDED,
    "RepoTakendown": PostState.SUSPENDED,
    "AccountDeactivated": PostState.GONE,
    "RepoDeactivated": PostState.GONE,
}


def time_of_key(key: str) -> str | None:
    """When a record was made: a TID holds microseconds since 1970 (atproto.com/specs/tid); None for keys that are none."""
    if _TID.fullmatch(key) is None:
        return None
    number = 0
    for digit in key:
        number = number * 32 + _TID_DIGITS.index(digit)
    return moments.from_milliseconds((number >> 10) // 1_000, _EARLIEST)


def read(platform: Platform, asked: str, status: int, body: bytes) -> Findings:
    """The post, the one that it quotes, and the one that it answers.

    The reply names the author by DID. A post that was asked for by handle is told under both ids, as pages name it by either.
    """
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status in (400, 404):
        state = _ERRORS.get(text_at(reply, "error") or "")
        return Findings(statements=(_stated(platform, asked, state),)) if state else Findings()
    thread = child(reply, "thread")
    if status != 200 or not thread:
        return Findings()
    if (state := _state_instead(thread)) is not None:
        names = dict.fromkeys((asked, _same_post(platform, asked, thread)))
        return Findings(statements=tuple(_stated(platform, name, state) for name in names))
    post = child(thread, "post")
    post_id = _id(platform, post)
    if post_id is None or post_id.partition("/")[2] != asked.partition("/")[2]:
        return Findings()
    if asked.startswith("did:") and asked != post_id:
        return Findings()
    own = (_statement(platform, one, post, child(post, "record"), _attached(post)) for one in dict.fromkeys((asked, post_id)))
    said = (*own, *_quoted(platform, post), *_answered(platform, thread))
    return Findings(statements=said, aliases=tuple(_aliases(platform, said)))


def _aliases(platform: Platform, said: Iterable[Statement]) -> Iterator[Alias]:
    """Readers pass on addresses with the author's handle, embed codes have the DID: the first has to lead to the second."""
    told = {one.post_id for one in said}
    for one in said:
        key = one.post_id.partition("/")[2]
        if one.author is not None and one.post_id.startswith("did:") and f"{one.author}/{key}" not in told:
            yield Alias(url_key(f"{_BASE}profile/{one.author}/post/{key}"), PostRef(platform.name, one.post_id))


def _same_post(platform: Platform, asked: str, view: Json) -> str:
    """The id by DID that a view has for a post that was asked for by handle; else the id that was asked for."""
    told = _id(platform, view)
    same = told is not None and not asked.startswith("did:") and told.partition("/")[2] == asked.partition("/")[2]
    return told if told is not None and same else asked


def _state_instead(view: Json) -> PostState | None:
    """What stands in for a post that is not shown: not found, or kept from whoever asks by a block."""
    kind = text_at(view, "$type") or ""
    if view.get("notFound") is True or kind.endswith(("#notFoundPost", "#viewNotFound")):
        return PostState.GONE
    return PostState.PROTECTED if view.get("blocked") is True or kind.endswith(("#blockedPost", "#viewBlocked")) else None


def _stated(platform: Platform, post_id: str, state: PostState) -> Statement:
    return Statement(platform.name, post_id, Source.API, state)


def _statement(platform: Platform, post_id: str, view: Json, record: Json, attached: list[Json]) -> Statement:
    """From a view of a post and the record that its author wrote. Its words are whole: facets only say which are links."""
    quoted = next((ref for one in attached for ref in [_ref(platform, _quoted_record(one))] if ref is not None), None)
    langs = at(record, "langs")
    handle = text_at(view, "author", "handle")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=PostState.LIVE,
        author=handle.lower() if handle and handle != "handle.invalid" else None,
        author_name=text_at(view, "author", "displayName"),
        text=text_at(record, "text"),
        posted_at=moments.from_text(record.get("createdAt")) or moments.from_text(view.get("indexedAt")),
        language=next((lang for lang in langs if isinstance(lang, str)), None) if isinstance(langs, list) else None,
        media=distinct([medium for one in attached for medium in _media(platform, one)]),
        quotes=quoted,
        replies_to=_ref(platform, child(record, "reply", "parent")),
    )


def _attached(view: Json) -> list[Json]:
    """What a post shows beside its words; `recordWithMedia` has a quoted post and media in one."""
    whole = [child(view, "embed"), *children(view, "embeds")]
    return [part for one in whole for part in (one, child(one, "media")) if part]


def _quoted_record(attached: Json) -> Json:
    record = child(attached, "record")
    return child(record, "record") or record


def _quoted(platform: Platform, view: Json) -> Iterator[Statement]:
    for attached in _attached(view)[:4]:
        record = _quoted_record(attached)
        post_id = _id(platform, record)
        state = _state_instead(record)
        if post_id is None or state is PostState.PROTECTED:  # a block between the two authors: others can see it
            continue
        if state is not None:
            yield _stated(platform, post_id, state)
        elif value := child(record, "value"):
            yield _statement(platform, post_id, record, value, _attached(record))


def _answered(platform: Platform, thread: Json) -> Iterator[Statement]:
    parent = child(thread, "parent")
    state = _state_instead(parent)
    post = child(parent, "post")
    post_id = _id(platform, parent if state is not None else post)
    if post_id is None or state is PostState.PROTECTED:
        return
    if state is not None:
        yield _stated(platform, post_id, state)
    else:
        yield _statement(platform, post_id, post, child(post, "record"), _attached(post))


def _id(platform: Platform, view: Json) -> str | None:
    uri = text_at(view, "uri")
    return platform.parse_url(uri) if uri and uri.startswith("at://") else None


def _ref(platform: Platform, view: Json) -> PostRef | None:
    post_id = _id(platform, view)
    return PostRef(platform.name, post_id) if post_id is not None else None


def _media(platform: Platform, attached: Json) -> Iterator[MediaRef | None]:
    """Without sizes: `aspectRatio` holds no pixels, it may be approximate (says the lexicon)."""
    for image in children(attached, "images"):
        yield _medium(platform, image, "fullsize", MediaKind.PICTURE) or _medium(platform, image, "thumb", MediaKind.PICTURE)
    yield _medium(platform, attached, "playlist", MediaKind.VIDEO)
    yield _medium(platform, attached, "thumbnail", MediaKind.POSTER)
    card = child(attached, "external")
    if (thumb := _medium(platform, card, "thumb", MediaKind.PICTURE)) is not None:
        yield replace(thumb, caption=text_at(card, "title"))


def _medium(platform: Platform, said: Json, name: str, kind: MediaKind) -> MediaRef | None:
    address = text_at(said, name)
    return medium(_BASE, address, platform.media_key(address), kind, alt=text_at(said, "alt")) if address else None
