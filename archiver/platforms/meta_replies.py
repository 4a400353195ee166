"""What Instagram, Threads and Facebook share: posts, pictures and videos in their pages' data; Meta's oEmbed without a token."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Platform, PostRequest
from archiver.platforms.replies import Json, media_ref, object_at, object_in, objects_at, pixels, text_at
from archiver.text import json_loads

# --- the data of a page's own program ------------------------------------------------------------------------

MAX_VALUES = 300_000  # of a page's JSON that are looked at; a page has some 20,000


def objects_in_data(tree: LexborHTMLParser, is_wanted: Callable[[str], bool]) -> Iterator[Json]:
    """The objects in the JSON of a page's scripts, however deep, in the order of the page; of scripts whose text is wanted."""
    left = MAX_VALUES
    for script in tree.css("script[type='application/json']"):
        text = script.text(deep=True) or ""
        if not is_wanted(text):
            continue
        try:
            stack: list[object] = [json_loads(text)]
        except (ValueError, RecursionError):
            continue
        while stack and left > 0:
            left -= 1
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value))
            elif isinstance(value, dict):
                yield value
                stack.extend(reversed(list(value.values())))


# --- pictures and videos -------------------------------------------------------------------------------------


def media_of(platform: Platform, base: str, post: Json) -> Iterator[MediaRef | None]:
    """Pictures of a carousel, or the one picture or video; the largest of each.

    The shape that Threads has had since 2023, and Instagram's permalinks have since 2026-06 (yt-dlp#17075, FxEmbed#2299):
    `image_versions2.candidates`, `video_versions`, `carousel_media`; Instagram adds `display_uri`, the largest picture.
    """
    for item in objects_at(post, "carousel_media") or [post]:
        alt = text_at(item, "accessibility_caption")
        video = max(objects_at(item, "video_versions"), key=_width, default={})
        picture = max(objects_at(item, "image_versions2", "candidates"), key=_width, default={})
        yield _medium(platform, base, video, MediaKind.VIDEO, alt)
        form = {"url": text_at(picture, "url") or text_at(item, "display_uri"), **_size(picture, item)}
        yield _medium(platform, base, form, MediaKind.POSTER if video else MediaKind.PICTURE, alt)


def _width(form: Json) -> int:
    return pixels(form.get("width")) or 0


def _size(picture: Json, item: Json) -> Json:
    if picture:
        return {"width": picture.get("width"), "height": picture.get("height")}
    return {"width": item.get("original_width"), "height": item.get("original_height")}


def _medium(platform: Platform, base: str, form: Json, kind: MediaKind, alt: str | None) -> MediaRef | None:
    address = text_at(form, "url")
    key = platform.media_key(address) if address else None
    width, height = pixels(form.get("width")), pixels(form.get("height"))
    return media_ref(base, address, key, kind, alt=alt, width=width, height=height)


# --- oEmbed without a token ----------------------------------------------------------------------------------

TOKENLESS = "tokenless_oembed"
TERMS = (
    "a sign of life only. Meta's terms of use for oEmbed allow its replies for showing a post in a page, and forbid extracting or"
    " keeping what they hold; this archive keeps every reply in its WARC files. So it is off; whoever switches it on answers for"
    " that. Nothing of a reply but that the post is there is read"
)
PACE = 4.0  # seconds; 1,000 requests an hour are allowed for each endpoint (developers.facebook.com, 2026-06-15)
_REPLIES = Pattern(
    r"https://graph\.(?:facebook\.com/v\d{1,3}\.\d/(?P<name>instagram_oembed|oembed_post|oembed_video)"
    r"|threads\.(?:com|net)/(?:v\d{1,3}\.\d/)?(?P<threads>oembed))\?url="
)
_NOT_SHOWN, _WRONG_ADDRESS = 24, 100  # `error.code`, with status 400


def tokenless_door(as_of: str, source: str) -> Door:
    """The door `tokenless_oembed`: off, as its terms are a matter for whoever runs the archive."""
    return Door(TOKENLESS, as_of, source, on=False, why=TERMS)


def tokenless_request(endpoint: str, post_url: str) -> PostRequest:
    """`endpoint` is the address without its query."""
    return PostRequest(f"{endpoint}?url={quote(post_url, safe='')}", TOKENLESS)


def tokenless_endpoint(url: str) -> str | None:
    """Which endpoint a request asks: `instagram_oembed`, `oembed_post`, `oembed_video`, or `oembed` (Threads); else None."""
    found = _REPLIES.match(url)
    return (found["name"] or found["threads"]) if found else None


def read_tokenless(platform: Platform, post_id: str, status: int, body: bytes) -> Findings:
    """That a post is there, and nothing else of the reply.

    Code 24 is said of what is gone, private or restricted by age, and of posts whose authors allow no embeds (Meta's
    documentation of Instagram's oEmbed): a tombstone. Code 100 blames our address, which says nothing of the post.
    """
    reply = object_in(body)
    if status == 200 and reply is not None and text_at(reply, "html"):
        return Findings(statements=(Statement(platform.name, post_id, Source.OEMBED, PostState.LIVE),))
    code = object_at(reply, "error").get("code")
    if status == 400 and code == _NOT_SHOWN:
        return Findings(statements=(Statement(platform.name, post_id, Source.OEMBED, PostState.TOMBSTONE),))
    if status == 400 and code == _WRONG_ADDRESS:
        return Findings(refusal="does not take the address of the post that it was given (error code 100)")
    return Findings()
