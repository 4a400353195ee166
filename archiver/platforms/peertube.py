"""PeerTube: videos on anybody's server, under a UUID or the same UUID in 22 characters.

What is said here of the server is from its source (Chocobozzz/PeerTube: `controllers/services.ts`, `validators/oembed.ts`,
`video-api-format.ts`, `client/src/standalone/videos`) and its API's documentation, as stored up to 2026; nothing was tried live
[?].
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.any_host import HOST, SLASH, AnyHost
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import EmbedContent, MediaForm
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_in,
    objects_at,
    pixels,
    read_oembed_of,
    text_at,
    time_of_text,
    value_at,
)
from archiver.platforms.video_site import title_of
from archiver.urls import host_of, query_value

# Videos have random UUIDs (RFC 9562, version 4), so that no other kind is one of theirs. The 22 characters are such a UUID as a
# number to the base 58, in the alphabet of Flickr's short addresses (the package `short-uuid`), since version 3.3 (July 2021).
_ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_SHORT = rf"[{_ALPHABET}]{{22}}"
_ID = rf"(?P<id>{_UUID}|{_SHORT})(?![\w-]|\.\w)"
_DIGITS = {letter: digit for digit, letter in enumerate(_ALPHABET)}
_REQUEST = Pattern(rf"{HOST}/api/v1/videos/(?P<id>{_UUID})/?(?:[?#]|$)")
_OEMBED = Pattern(rf"{HOST}/services/oembed\?format=json&url=")
# The end of an error's `type`, as RFC 9457 has it: a server that does not show what it holds of servers that it does not follow
# says nothing of the video itself.
_NOT_FOLLOWED = "does_not_respect_follow_constraints"
_NOT_FOUND = Pattern(r"\bvideo not found\b", re.I)
_ACCOUNT = Pattern(r"[\w-]+(?:\.[\w-]+)+/(?:accounts|a)/(?P<handle>[\w.-]+(?:@[\w.-]+)?)")

_VIDEO, _SHORTENED = "7c1f0e0a-52b4-4c0e-9d6b-3f2a8e5d7b11", "gjY895Ztb7GfibRpBEruJV"


class PeerTube(AnyHost):
    """Ids are `host/UUID`: a video has one UUID everywhere, and each server shows it, or its copy of it, as it likes."""

    name = "peertube"
    title = "PeerTube"
    doors = (
        Door("api", "2026-03", "the source of version 8.1; issue 7508 of PeerTube"),
        Door("oembed", "2026", "the source"),
        Door("embed_page", "2026", "the source"),
    )
    plays_videos = True
    signs = (
        ("/videos", Pattern(rf"/videos{SLASH}(?:embed|watch){SLASH}(?:{_UUID}|{_SHORT})")),
        ("%2Fvideos", Pattern(rf"%2Fvideos%2F(?:embed|watch)%2F(?:{_UUID}|{_SHORT})")),
        ("/w/", Pattern(rf"/w/(?:{_UUID}|{_SHORT})")),
        ("/w\\", Pattern(rf"/w{SLASH}(?:{_UUID}|{_SHORT})")),
        ("%2Fw%2F", Pattern(rf"%2Fw%2F(?:{_UUID}|{_SHORT})")),
    )
    urls = (Pattern(rf"{HOST}/(?:videos/(?:embed|watch)|w)/{_ID}"),)
    # Of the player's page, in English, as the source has had them since 2018.
    embed_gone = ("This video does not exist",)
    embed_refused = (
        "This video is not available because the remote instance is not responding",
        "We cannot fetch the video",
    )
    media_forms = (
        # Until version 8.1 (2026) the large and the small picture were files of their own, and an old server has them under
        # `static`.
        MediaForm(
            Pattern(r"(?P<place>[\w.-]+)/(?:lazy-static|static)/(?P<kind>previews|thumbnails)/(?P<file>[0-9a-f-]{36}\.\w{3,4})"),
            "{place}/{kind}/{file}",
        ),
    )
    # No paces: a server bears more requests to its API than any host gets (config/default.yaml, rates_limit.api).
    examples = (
        Example(
            '<iframe title="Ferry at dawn" width="560" height="315" sandbox="allow-same-origin allow-scripts allow-popups"'
            f' src="https://tube.example/videos/embed/{_VIDEO}?p2p=0" frameborder="0" allowfullscreen></iframe>',
            (f"tube.example/{_VIDEO}",),
        ),
        Example(f'<iframe src="https://tube.example/videos/embed/{_SHORTENED}"></iframe>', (f"tube.example/{_VIDEO}",)),
        Example(
            f'<iframe data-src="//tube.example/videos/embed/{_VIDEO.upper()}" src="about:blank"></iframe>',
            (f"tube.example/{_VIDEO}",),
        ),
        Example(
            f"<figure class='wp-block-embed'><div>\nhttps://tube.example/w/{_SHORTENED}\n</div></figure>",
            (f"tube.example/{_VIDEO}",),
        ),
        Example(
            f'<p><a href="https://tube.example/w/{_SHORTENED}?start=12s">One</a>, '
            f'<a href="https://far.example/videos/watch/{_VIDEO}">its copy</a></p>',
            links=(f"tube.example/{_VIDEO}", f"far.example/{_VIDEO}"),
        ),
        Example('<iframe src="https://tube.example/videos/embed/48213"></iframe>'),  # other sites have such addresses
        Example('<iframe src="https://shop.example/videos/embed/3f2a8e5d-52b4-1c0e-9d6b-3f2a8e5d7b11"></iframe>'),
        Example(
            '<p><a href="https://wiki.example/w/index.php">w</a> <a href="https://x.example/w/AnEssayOnEelsAndTheSea">w</a></p>'
        ),
        Example(f'<iframe src="https://tube.example/video-playlists/embed/{_VIDEO}"></iframe>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        uuid = uuid_of(groups["id"] or "")
        return f"{groups['host']}/{uuid}" if uuid is not None else None

    def canonical_url(self, post_id: str) -> str:
        """The address of all versions; those since 3.3 lead on from it to their shorter one."""
        host, _, uuid = post_id.partition("/")
        return f"https://{host}/videos/watch/{uuid}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player, which is told not to fetch the video from other readers, and so not to give them our address."""
        host, _, uuid = post_id.partition("/")
        return f"https://{host}/videos/embed/{uuid}?p2p=0"

    def author_in(self, url: str) -> str | None:
        """The account's name; a channel has another one than the account that it belongs to."""
        found = _ACCOUNT.match(address_of(url))
        return found["handle"] if found else None

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(text=title_of(candidate.node))

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        host, _, uuid = post_id.partition("/")
        oembed = f"https://{host}/services/oembed?format=json&url={quote(self.canonical_url(post_id), safe='')}"
        return PostRequest(f"https://{host}/api/v1/videos/{uuid}", "api"), PostRequest(oembed, "oembed")

    def is_reply(self, url: str) -> bool:
        return self._asked_of(url) is not None

    def _asked_of(self, url: str) -> str | None:
        """The id of the video that a request is about; a server speaks for its own videos only."""
        if "/api/v1/videos/" in url:
            found = _REQUEST.match(address_of(url))
            return self.id_of(found.groupdict()) if found else None
        if "/services/oembed?" in url and _OEMBED.match(url.partition("://")[2]):
            post_id = self.parse_url(query_value(url, "url") or "")
            return post_id if post_id is not None and post_id.startswith(f"{host_of(url).removeprefix('www.')}/") else None
        return None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        post_id = self._asked_of(url)
        if post_id is None:
            return None
        source = Source.API if "/api/v1/videos/" in url else Source.OEMBED
        if status != 200:
            state = _state_in(status, object_in(body) or {})
            return Findings(statements=(Statement(self.name, post_id, source, state),)) if state is not None else Findings()
        if source is Source.OEMBED:
            return read_oembed_of(self, post_id, url, status, body, {})
        reply = object_in(body) or {}
        return Findings(statements=tuple(self._stated(post_id, url, reply)))

    def _stated(self, post_id: str, url: str, reply: Json) -> Iterator[Statement]:
        title = text_at(reply, "name")
        if title is None or uuid_of(text_at(reply, "uuid") or "") != post_id.partition("/")[2]:
            return
        texts = (title, text_at(reply, "description"))
        yield Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.API,
            state=PostState.LIVE,
            author=_account(reply, post_id.partition("/")[0]),
            author_name=text_at(reply, "account", "displayName"),
            text="\n\n".join(filter(None, texts)),
            posted_at=time_of_text(reply.get("publishedAt")),
            language=text_at(reply, "language", "id"),
            media=distinct_media(self._media(url, reply)),
        )

    def _media(self, base: str, reply: Json) -> Iterator[MediaRef | None]:
        """The video in its best size, as one file, and its picture."""
        files = [*objects_at(reply, "files")]
        for playlist in objects_at(reply, "streamingPlaylists")[:4]:
            files += objects_at(playlist, "files")
        best = max(files, key=_height, default={})
        width, height = pixels(best.get("width")), pixels(best.get("height"))
        yield media_ref(base, text_at(best, "fileUrl"), None, MediaKind.VIDEO, width=width, height=height)
        # Since version 8.1 there may be several pictures in a list [?]; the old names stay beside it.
        pictures = sorted(objects_at(reply, "thumbnails"), key=_width, reverse=True)
        addresses = (
            text_at(reply, "previewPath"),
            *(text_at(one, "fileUrl") for one in pictures),
            text_at(reply, "thumbnailPath"),
        )
        address = next(filter(None, addresses), None)
        yield media_ref(base, address, self.media_key(f"https://{host_of(base)}{address}"), MediaKind.POSTER)


def uuid_of(written: str) -> str | None:
    """A video's UUID, in lower case, from either of its two forms; None for what is neither."""
    if len(written) == 22 and all(letter in _DIGITS for letter in written):
        number = 0
        for letter in written:
            number = number * 58 + _DIGITS[letter]
        if number >> 128:
            return None
        digits = f"{number:032x}"
        written = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return written.lower() if re.fullmatch(_UUID, written) else None


def _account(reply: Json, host: str) -> str | None:
    """`mira`, or `mira@far.example` where a server shows another one's video."""
    name, home = text_at(reply, "account", "name"), text_at(reply, "account", "host")
    return f"{name}@{home}" if name and home and home.lower() != host else name


def _height(file: Json) -> int:
    return pixels(value_at(file, "resolution", "id")) or 0


def _width(picture: Json) -> int:
    return pixels(picture.get("width")) or 0


def _state_in(status: int, error: Json) -> PostState | None:
    """What an error of the server itself says of the video; a host that runs something else, or its firewall, says nothing."""
    words = " ".join(filter(None, (text_at(error, "detail"), text_at(error, "error"))))
    if status in (404, 410):
        return PostState.GONE if _NOT_FOUND.search(words) else None
    # A 403 of a whole error document is of a private or blocked video, or of one with a password; so is a 401.
    if status in (401, 403) and error.get("status") == status and words:
        kinds = (text_at(error, "type") or "", text_at(error, "code") or "")
        return None if any(_NOT_FOLLOWED in kind for kind in kinds) else PostState.PROTECTED
    return None
