"""What Bluesky's public API says of a post, read as its lexicon has it (`app.bsky.feed.getPostThread`,
github.com/bluesky-social/atproto); and what its oEmbed says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from archiver.html.pattern import Pattern
from archiver.model.findings import Alias, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.bluesky.embed_code import read_blockquote
from archiver.platforms.bluesky.identity import first_requests
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    text_at,
    time_of_milliseconds,
    time_of_text,
    value_at,
)
from archiver.urls import url_key

_BASE = "https://bsky.app/"
_TID = Pattern(r"[234567a-j][2-7a-z]{12}")
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_EARLIEST = datetime(2022, 1, 1, tzinfo=UTC)  # the first posts are of November 2022; a key's time may be no clock's
# Names of errors, as the lexicons of getPostThread and getRecord have them; of accounts the first has none [?]. An account
# that is deactivated is one that its owner hides and may show again. Who opted out of being shown to strangers has a label, and
# the API shows the posts all the same: they are live. "InvalidRequest" is also the error for a handle that nobody has (any more),
# which says nothing of the post: its author may have another one now.
ERRORS = {
    "NotFound": PostState.GONE,
    "RecordNotFound": PostState.GONE,
    "RepoNotFound": PostState.GONE,
    "AccountTakedown": PostState.SUSPENDED,
    "RepoTakendown": PostState.SUSPENDED,
    "RepoSuspended": PostState.SUSPENDED,
    "AccountDeactivated": PostState.PROTECTED,
    "RepoDeactivated": PostState.PROTECTED,
}
MAX_HTML = 100_000  # characters of the embed code in an oEmbed reply; they have 1,000


def time_of_key(key: str) -> str | None:
    """When a record was made: a TID holds microseconds since 1970 (atproto.com/specs/tid); None for keys that are none."""
    if _TID.fullmatch(key) is None:
        return None
    number = 0
    for digit in key:
        number = number * 32 + _TID_DIGITS.index(digit)
    return time_of_milliseconds((number >> 10) // 1_000, _EARLIEST)


def read_thread(platform: Platform, requested: str, status: int, body: bytes) -> Findings:
    """The post, the one that it quotes, and the one that it answers.

    The reply names the author by DID. A post that was requested by handle gets statements under both ids: pages have either.
    """
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status in (400, 404):
        state = ERRORS.get(text_at(reply, "error") or "")
        return _gone(platform, (requested,), state) if state else Findings()
    thread = object_at(reply, "thread")
    if status != 200 or not thread:
        return Findings()
    if (state := _state_instead(thread)) is not None:
        return _gone(platform, (requested, _same_post(platform, requested, thread)), state)
    post = object_at(thread, "post")
    post_id = _id(platform, post)
    if post_id is None or not same_author(requested, post_id):
        return Findings()
    own = (
        statement_of(platform, one, post, object_at(post, "record"), _attached(post))
        for one in dict.fromkeys((requested, post_id))
    )
    statements = (*own, *_quoted(platform, post), *_answered(platform, thread))
    return Findings(
        statements=statements, aliases=tuple(aliases_of(platform, statements)), links=_way_to_original(statements[0], post_id)
    )


def _gone(platform: Platform, names: tuple[str, ...], state: PostState) -> Findings:
    """A post that the API does not show. Its author's own server tells whether its account was taken down or deactivated, and has
    what Bluesky does not serve."""
    statements = tuple(stated(platform, name, state) for name in dict.fromkeys(names))
    return Findings(statements=statements, links=first_requests(names[-1])[:1] if state is PostState.GONE else ())


def _way_to_original(statement: Statement, post_id: str) -> tuple[str, ...]:
    """Of a video only the author's own server has the file that was uploaded: gallery-dl#6406, VixBluesky#32 (2025-09)."""
    return first_requests(post_id)[:1] if any(one.kind is MediaKind.VIDEO for one in statement.media) else ()


def aliases_of(platform: Platform, statements: Iterable[Statement]) -> Iterator[Alias]:
    """Readers pass on addresses with the author's handle, embed codes have the DID: the first has to lead to the second.

    A post that was requested by handle has its web address for itself: of it the `at://` address leads to the DID.
    """
    known = {one.post_id: one.author for one in statements}
    requested = next((post_id for post_id in known if not post_id.startswith("did:")), None)
    for post_id, author in known.items():
        key = post_id.partition("/")[2]
        if not post_id.startswith("did:"):
            continue
        if requested is not None and same_author(requested, post_id):
            yield Alias(name_of(requested), PostRef(platform.name, post_id))
        elif author is not None:
            yield Alias(url_key(f"{_BASE}profile/{author}/post/{key}"), PostRef(platform.name, post_id))


def name_of(post_id: str) -> str:
    """The post's `at://` address."""
    actor, _, key = post_id.partition("/")
    return f"at://{actor}/app.bsky.feed.post/{key}"


def same_author(requested: str, found: str) -> bool:
    """Whether a post that has a DID may be the requested one: its key is the same, and its DID where one was requested."""
    if requested.startswith("did:"):
        return requested == found
    return requested.partition("/")[2] == found.partition("/")[2]


def _same_post(platform: Platform, requested: str, view: Json) -> str:
    """The id by DID that a view has for a post that was requested by handle; else the requested id."""
    named = _id(platform, view)
    same = named is not None and not requested.startswith("did:") and named.partition("/")[2] == requested.partition("/")[2]
    return named if named is not None and same else requested


def _state_instead(view: Json) -> PostState | None:
    """What stands in for a post that is not shown: not found, or kept from the viewer by a block."""
    kind = text_at(view, "$type") or ""
    if view.get("notFound") is True or kind.endswith(("#notFoundPost", "#viewNotFound")):
        return PostState.GONE
    return PostState.PROTECTED if view.get("blocked") is True or kind.endswith(("#blockedPost", "#viewBlocked")) else None


def stated(platform: Platform, post_id: str, state: PostState) -> Statement:
    return Statement(platform.name, post_id, Source.API, state)


def statement_of(platform: Platform, post_id: str, view: Json, record: Json, attached: list[Json]) -> Statement:
    """What a view of a post says, and the record in it that its author wrote. Its text is whole: facets only mark the links."""
    quoted = next((ref for one in attached for ref in [post_ref_in(platform, quoted_record(one))] if ref is not None), None)
    langs = value_at(record, "langs")
    handle = text_at(view, "author", "handle")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=PostState.LIVE,
        author=handle.lower() if handle and handle != "handle.invalid" else None,
        author_name=text_at(view, "author", "displayName"),
        text=text_at(record, "text"),
        posted_at=time_of_text(record.get("createdAt")) or time_of_text(view.get("indexedAt")),
        language=next((lang for lang in langs if isinstance(lang, str)), None) if isinstance(langs, list) else None,
        media=distinct_media([medium for one in attached for medium in _media(platform, one)]),
        quotes=quoted,
        replies_to=post_ref_in(platform, object_at(record, "reply", "parent")),
    )


def _attached(view: Json) -> list[Json]:
    """What a post shows beside its words; `recordWithMedia` has a quoted post and media in one."""
    whole = [object_at(view, "embed"), *objects_at(view, "embeds")]
    return [part for one in whole for part in (one, object_at(one, "media")) if part]


def quoted_record(attached: Json) -> Json:
    record = object_at(attached, "record")
    return object_at(record, "record") or record


def _quoted(platform: Platform, view: Json) -> Iterator[Statement]:
    for attached in _attached(view)[:4]:
        record = quoted_record(attached)
        post_id = _id(platform, record)
        state = _state_instead(record)
        if post_id is None or state is PostState.PROTECTED:  # a block between the two authors: others can see it
            continue
        if state is not None:
            yield stated(platform, post_id, state)
        elif value := object_at(record, "value"):
            yield statement_of(platform, post_id, record, value, _attached(record))


def _answered(platform: Platform, thread: Json) -> Iterator[Statement]:
    parent = object_at(thread, "parent")
    state = _state_instead(parent)
    post = object_at(parent, "post")
    post_id = _id(platform, parent if state is not None else post)
    if post_id is None or state is PostState.PROTECTED:
        return
    if state is not None:
        yield stated(platform, post_id, state)
    else:
        yield statement_of(platform, post_id, post, object_at(post, "record"), _attached(post))


def _id(platform: Platform, view: Json) -> str | None:
    uri = text_at(view, "uri")
    return platform.parse_url(uri) if uri and uri.startswith("at://") else None


def post_ref_in(platform: Platform, view: Json) -> PostRef | None:
    post_id = _id(platform, view)
    return PostRef(platform.name, post_id) if post_id is not None else None


def _media(platform: Platform, attached: Json) -> Iterator[MediaRef | None]:
    """The post's media, without sizes: `aspectRatio` may be approximate and holds no pixels (lexicon)."""
    for image in objects_at(attached, "images"):
        yield _medium(platform, image, "fullsize", MediaKind.PICTURE) or _medium(platform, image, "thumb", MediaKind.PICTURE)
    for image in objects_at(attached, "items"):  # a gallery of five to ten (app.bsky.embed.gallery, atproto#4827, 2026-06)
        yield _medium(platform, image, "fullsize", MediaKind.PICTURE) or _medium(platform, image, "thumbnail", MediaKind.PICTURE)
    yield _medium(platform, attached, "playlist", MediaKind.VIDEO)
    yield _medium(platform, attached, "thumbnail", MediaKind.POSTER)
    card = object_at(attached, "external")
    if (thumb := _medium(platform, card, "thumb", MediaKind.PICTURE)) is not None:
        yield replace(thumb, caption=text_at(card, "title"))


def _medium(platform: Platform, view: Json, name: str, kind: MediaKind) -> MediaRef | None:
    address = text_at(view, name)
    return media_ref(_BASE, address, platform.media_key(address), kind, alt=text_at(view, "alt")) if address else None


# --- oEmbed --------------------------------------------------------------------------------------------------

_URI_IN_CODE = Pattern(r"\bat://(?P<did>did:[a-z]+:[\w.:%-]+)/app\.bsky\.feed\.post/(?P<key>[\w~:-]{1,64})")


def with_embed_code(platform: Platform, findings: Findings, body: bytes) -> Findings:
    """What an oEmbed reply says, with what is in the embed code that it brings: the words, and the DID of a handle."""
    reply = object_in(body)
    code = text_at(reply, "html") if reply is not None else None
    stated_live = findings.statements[:1] if findings.statements and findings.statements[0].state is PostState.LIVE else ()
    tree = LexborHTMLParser(code[:MAX_HTML]) if code and stated_live else None
    box = tree.css_first("blockquote") if tree is not None else None
    if box is None:
        return findings
    content, live = read_blockquote(box), stated_live[0]
    statement = replace(
        live,
        author=content.author or live.author,
        author_name=content.author_name or live.author_name,
        text=content.text or live.text,
        posted_at=time_of_key(live.post_id.partition("/")[2]),
    )
    found = _URI_IN_CODE.search(box.attributes.get("data-bluesky-uri") or "")
    named = f"{found['did']}/{found['key']}" if found else live.post_id
    names = dict.fromkeys((live.post_id, named if same_author(live.post_id, named) else live.post_id))
    statements = tuple(replace(statement, post_id=name) for name in names)
    return replace(findings, statements=statements, aliases=tuple(aliases_of(platform, statements)))
