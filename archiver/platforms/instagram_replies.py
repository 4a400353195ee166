"""What the frame of an Instagram embed says of its post: `/p/CODE/embed/captioned/`.

For videos and albums the page has all in JSON within a script, for single pictures in its markup only, as public programs
found it up to 2026; nobody here has tried them against the live service.
"""

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, told_by_status, tree_of, words_of
from archiver.platforms.moments import from_seconds
from archiver.platforms.oembed_replies import pixels, text_in
from archiver.text import json_loads

Json = dict[str, Any]

ASKED = Pattern(r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/[\w-]{5,60}/embed(?:/captioned)?/?(?:[?#]|$)")
# A JSON string within a script, which holds JSON once more.
_CONTEXT = Pattern(r"\"contextJSON\"\s{0,9}:\s{0,9}(\"(?:[^\"\\]|\\.)*+\")", re.S)
_ADDITIONAL = Pattern(r"__additionalDataLoaded\(\s{0,9}['\"][^'\"]{0,200}['\"]\s{0,9},\s{0,9}(?=\{)")  # until 2022
_ON_THE_WAY = ("gql_data", "graphql", "data", "context", "media")
_BEHIND_CAPTION = ".CaptionUsername, .CaptionComments"


def read(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from a login page or an overload page."""
    if (verdict := told_by_status(platform, post_id, status)) is not None:
        return verdict
    tree = tree_of(url, body)
    post = _post_in(tree, post_id)
    if post is not None:
        return Findings(statements=(_from_json(platform, post_id, url, post),))
    name, picture = tree.css_first(".UsernameText"), tree.css_first(".EmbeddedMediaImage")
    if name is not None or picture is not None:
        return Findings(statements=(_from_markup(platform, post_id, url, tree),))
    if tree.css_first(".EmbedBrokenMedia, .EmbedIsBroken") is not None:
        # Gone, private, restricted by age, or an author who allows no embeds: it is the same page for all of them.
        return stated(platform.name, post_id, PostState.TOMBSTONE)
    return Findings()


def _from_json(platform: Platform, post_id: str, url: str, post: Json) -> Statement:
    owner = _object(post.get("owner"))
    caption = next(iter(_nodes(post.get("edge_media_to_caption"))), {})
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=text_in(owner, "username"),
        author_name=text_in(owner, "full_name"),
        text=text_in(caption, "text"),
        posted_at=from_seconds(post.get("taken_at_timestamp")) or platform.posted_at(post_id),
        media=distinct(
            [one for part in _nodes(post.get("edge_sidecar_to_children")) or [post] for one in _media(platform, url, part)]
        ),
    )


def _media(platform: Platform, base: str, part: Json) -> list[MediaRef | None]:
    video, picture = text_in(part, "video_url"), _largest(part) or text_in(part, "display_url")
    size = _object(part.get("dimensions"))
    width, height = pixels(size.get("width")), pixels(size.get("height"))
    kind = MediaKind.POSTER if video else MediaKind.PICTURE
    key, alt = platform.media_key(picture or ""), text_in(part, "accessibility_caption")
    return [
        medium(base, picture, key, kind, alt=alt, width=width, height=height),
        medium(base, video, platform.media_key(video or ""), MediaKind.VIDEO, width=width, height=height),
    ]


def _largest(part: Json) -> str | None:
    resources = part.get("display_resources")
    sized = [
        (pixels(one.get("config_width")) or 0, address)
        for one in (resources if isinstance(resources, list) else [])
        if isinstance(one, dict) and (address := text_in(one, "src"))
    ]
    return max(sized)[1] if sized else None


def _from_markup(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement:
    shown: list[MediaRef | None] = []
    for picture in tree.css("img.EmbeddedMediaImage"):
        address = picture.attributes.get("src") or ""
        shown.append(medium(url, address, platform.media_key(address), alt=picture.attributes.get("alt")))
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=words_of(tree.css_first(".UsernameText")),
        text=_caption(tree.css_first(".Caption")),
        posted_at=platform.posted_at(post_id),
        media=distinct(shown),
    )


def _caption(box: LexborNode | None) -> str | None:
    if box is None:
        return None
    return text_of(box, without={node.mem_id for node in box.css(_BEHIND_CAPTION)}) or None


def _post_in(tree: LexborHTMLParser, post_id: str) -> Json | None:
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        if "shortcode_media" not in text:
            continue
        for data in (_context(text), _additional(text)):
            post = _media_of(data)
            if post is not None and post.get("shortcode") in (None, post_id):
                return post
    return None


def _context(script: str) -> object:
    found = _CONTEXT.search(script)
    try:
        text = json_loads(found[1]) if found else None
        return json_loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _additional(script: str) -> object:
    found = _ADDITIONAL.search(script)
    try:
        return json_loads(script[found.end() : script.rfind(")")]) if found else None
    except ValueError:
        return None


def _media_of(data: object, depth: int = 0) -> Json | None:
    """The post, on one of the ways that lead to it in pages of different years."""
    if not isinstance(data, dict) or depth > 4:
        return None
    for name in ("shortcode_media", "xdt_shortcode_media"):
        if isinstance(data.get(name), dict):
            return _object(data[name])
    return next((post for name in _ON_THE_WAY if (post := _media_of(data.get(name), depth + 1)) is not None), None)


def _nodes(connection: object) -> list[Json]:
    """The nodes of GraphQL's `{"edges": [{"node": …}]}`."""
    edges = _object(connection).get("edges")
    return [_object(edge.get("node")) for edge in (edges if isinstance(edges, list) else []) if isinstance(edge, dict)]


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
