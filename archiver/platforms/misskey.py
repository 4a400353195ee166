"""Misskey: notes on anybody's server, embedded by a frame since version 2024.9.0 (September 2024).

The page for frames has the note as JSON, so that it says all that the API would: that one takes questions by POST only, and
ActivityPub needs a header of its own. There is no oEmbed. From the source and the documentation of misskey-dev
(`misskey-hub.net`, `ClientServerService.ts`, `frontend-embed`), as stored up to 2026; nothing was tried live [?].
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.any_host import HOST, SLASH, AnyHost
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    page_tree,
    pixels,
    text_at,
    time_of_milliseconds,
    time_of_text,
)

# The ways in which a server may make ids (packages/backend/src/misc/id): `aid` and `aidx` begin with the milliseconds since
# 2000 to the base 36, ULIDs with those since 1970 to the base 32; `meid`, `meidg` and MongoDB's are 24 hexadecimal digits.
_AID = r"[0-9a-z]{10}(?:[0-9a-z]{6})?"
_ULID = r"[0-9A-HJKMNP-TV-Z]{26}"
_HEX = r"[0-9a-g][0-9a-f]{23}"
_ID = rf"(?P<id>{_AID}|{_ULID}|{_HEX})(?![\w-]|\.\w)"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_YEAR_2000 = 946_684_800_000  # in milliseconds since 1970
_EARLIEST = datetime(2014, 1, 1, tzinfo=UTC)  # the first server
_LATEST = datetime(2035, 1, 1, tzinfo=UTC)  # a word of ten letters is a time as well, most often a later one

_FRAMED = Pattern(rf"{HOST}/embed/notes/{_ID}")
_CONTEXT = "script#misskey_embedCtx"
_VIDEO_TYPES = ("video/", "audio/")
_NOTE = "9zx1k8q2w7m40031"


class Misskey(AnyHost):
    """Ids are `host/note`. A note's own address, `/notes/…`, is one that many sites have, and embeds nothing."""

    name = "misskey"
    title = "Misskey"
    doors = (Door("embed_page", "2026", "misskey-hub.net; the source"),)
    signs = (
        ("/notes", Pattern(rf"/notes{SLASH}(?:{_AID}|{_ULID}|{_HEX})(?![\w-])")),
        ("%2Fnotes", Pattern(rf"%2Fnotes%2F(?:{_AID}|{_ULID}|{_HEX})(?![\w-])")),
    )
    urls = (_FRAMED,)
    link_urls = (Pattern(rf"{HOST}/(?P<page>notes)/{_ID}"),)
    # No paces: the page for frames is one that servers hand to caches for an hour.
    examples = (
        Example(
            f'<iframe src="https://notes.example/embed/notes/{_NOTE}" data-misskey-embed-id="v1_3b7e" loading="lazy"'
            ' referrerpolicy="strict-origin-when-cross-origin" style="border: none; height: 300px"></iframe>'
            '<script defer src="https://notes.example/embed.js"></script>',
            (f"notes.example/{_NOTE}",),
        ),
        Example(
            '<iframe data-src="https://notes.example/embed/notes/9zx1k8q2w7?colorMode=dark"></iframe>',
            ("notes.example/9zx1k8q2w7",),
        ),
        Example(
            '<iframe src="https://notes.example/embed/notes/01J8ZQ3V5W7X9Y1A2B3C4D5E6F"></iframe>',
            ("notes.example/01J8ZQ3V5W7X9Y1A2B3C4D5E6F",),
        ),
        Example(
            f'<p><a href="https://notes.example/notes/{_NOTE}">a note</a>, '
            '<a href="https://blog.example/notes/javascript">one</a>, <a href="https://blog.example/notes/accounting">two</a></p>',
            links=(f"notes.example/{_NOTE}",),
        ),
        Example(f"<p>https://notes.example/notes/{_NOTE}</p>"),
        Example('<iframe src="https://notes.example/embed/user-timeline/9bjv3n9376" data-misskey-embed-id="v1_x"></iframe>'),
        Example('<iframe class="note-embed" src="https://note.com/embed/notes/n1c372c70af6f"></iframe>'),  # another network
        Example('<iframe src="https://study.example/embed/notes/4711"></iframe>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        """Beside the address for frames only where the id holds a time, and is no word."""
        note = groups["id"] or ""
        if groups.get("page") is not None and (_time_of(note) is None or not re.search(r"\d", note)):
            return None
        plausible = _time_of(note) is not None or re.fullmatch(_HEX, note) is not None
        return f"{groups['host']}/{note}" if plausible else None

    def canonical_url(self, post_id: str) -> str:
        """The note's page; of an id that could be a word, the page for frames, which nothing else is."""
        host, _, note = post_id.partition("/")
        page = f"https://{host}/notes/{note}"
        return page if self.parse_url(page) is not None else f"https://{host}/embed/notes/{note}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        host, _, note = post_id.partition("/")
        return f"https://{host}/embed/notes/{note}"

    def posted_at(self, post_id: str) -> str | None:
        return _time_of(post_id.partition("/")[2])

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return self.requests_embed_page(post_id)

    def is_reply(self, url: str) -> bool:
        return "/embed/notes/" in url and self.parse_address(address_of(url)) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        """A note that is gone, of another server or not public has a page without JSON, or none: which, it does not say."""
        post_id = self.parse_address(address_of(url)) if self.is_reply(url) else None
        if post_id is None:
            return None
        if status != 200 or b"misskey_embedCtx" not in body:
            return Findings()
        node = page_tree(url, body).css_first(_CONTEXT)
        note = object_at(object_in(node.text(deep=True) or "") if node is not None else None, "note")
        return Findings(statements=tuple(self._stated(post_id, url, note)))

    def _stated(self, post_id: str, base: str, note: Json) -> Iterator[Statement]:
        host, _, number = post_id.partition("/")
        if text_at(note, "id") != number or not object_at(note, "user"):
            return
        texts = (text_at(note, "cw"), text_at(note, "text"))  # the warning that an author set before it, then the note
        yield Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.EMBED_PAGE,
            state=PostState.LIVE,
            author=text_at(note, "user", "username"),
            author_name=text_at(note, "user", "name"),
            text="\n\n".join(filter(None, texts)) or None,
            posted_at=time_of_text(note.get("createdAt")) or self.posted_at(post_id),
            media=distinct_media([one for file in objects_at(note, "files") for one in _attached(base, file)]),
            quotes=self._other(host, text_at(note, "renoteId")),
            replies_to=self._other(host, text_at(note, "replyId")),
        )

    def _other(self, host: str, note: str | None) -> PostRef | None:
        post_id = self.parse_address(f"{host}/embed/notes/{note}") if note else None
        return PostRef(self.name, post_id) if post_id is not None else None


def _attached(base: str, file: Json) -> Iterator[MediaRef | None]:
    kind = MediaKind.VIDEO if (text_at(file, "type") or "").startswith(_VIDEO_TYPES) else MediaKind.PICTURE
    alt = text_at(file, "comment")
    size = object_at(file, "properties")
    width, height = pixels(size.get("width")), pixels(size.get("height"))
    yield media_ref(base, text_at(file, "url"), None, kind, alt=alt, width=width, height=height)
    if kind is MediaKind.VIDEO:
        yield media_ref(base, text_at(file, "thumbnailUrl"), None, MediaKind.POSTER, alt=alt)


def _time_of(note: str) -> str | None:
    """The time that an id holds (ISO 8601, UTC); None for those without, and for what can be no note's time."""
    if re.fullmatch(_AID, note):
        milliseconds = _YEAR_2000 + int(note[:8], 36)
    elif re.fullmatch(_ULID, note):
        milliseconds = 0
        for letter in note[:10]:
            milliseconds = milliseconds * 32 + _CROCKFORD.index(letter)
    else:
        return None
    return time_of_milliseconds(milliseconds, _EARLIEST) if milliseconds < _LATEST.timestamp() * 1_000 else None
