"""What VK's public pages say: the player of a video, the page of a post.

Names of attributes and words as public programs read them up to 2024; nobody here has tried them against the live service [?].
"""

import re

from selectolax.lexbor import LexborHTMLParser

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, told_by_status, tree_of, words_of
from archiver.platforms.moments import from_seconds
from archiver.text import json_loads

ASKED = Pattern(r"https?://(?:m\.)?vk\.(?:com|ru)/(?:video_ext\.php\?|(?:wall|photo)-?\d+_\d+(?:[?#]|$))")

_REFUSAL = "#video_ext_msg, .video_layer_message, .message_page_body, .service_msg, .PostNotFound"
# Words of a refusal, lower case, in the languages that VK answers in; what it says in other words is a tombstone.
_WORDS = (
    ("правообладател", PostState.WITHHELD),
    ("copyright", PostState.WITHHELD),
    ("your region", PostState.WITHHELD),
    ("в вашем регионе", PostState.WITHHELD),
    ("заблокирован", PostState.SUSPENDED),
    ("banned", PostState.SUSPENDED),
    ("privacy", PostState.PROTECTED),
    ("приватност", PostState.PROTECTED),
    ("access denied", PostState.PROTECTED),
    ("доступ запрещ", PostState.PROTECTED),
    ("доступ ограничен", PostState.PROTECTED),
    ("deleted", PostState.GONE),
    ("удален", PostState.GONE),
    ("not found", PostState.GONE),
    ("не найден", PostState.GONE),
)
# Values in the player's settings, which are a script.
_VALUES = Pattern(
    r"\"(?P<name>md_title|md_author|date|jpg|url\d{3,4})\"\s{0,9}:\s{0,9}(?P<value>\"(?:[^\"\\]|\\.){0,4000}\"|\d{1,12})", re.S
)
_TEXT = ".wall_post_text, .pi_text, [data-testid='post_text']"
_AUTHOR = ".PostHeaderTitle__authorName, .post_author .author, .pi_author"


def read(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post or video; nothing from a challenge, a login page or an overload page."""
    if (verdict := told_by_status(platform, post_id, status)) is not None:
        return verdict
    tree = tree_of(url, body)
    refusal = words_of(tree.css_first(_REFUSAL))
    if refusal:
        told = refusal.lower().replace("ё", "е")
        return stated(platform.name, post_id, next((state for words, state in _WORDS if words in told), PostState.TOMBSTONE))
    said = _video(platform, post_id, url, tree) if post_id.startswith("video") else _post(platform, post_id, url, tree)
    return Findings(statements=(said,)) if said is not None else Findings()


def _video(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement | None:
    values: dict[str, str | int] = {}
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        for found in _VALUES.finditer(text) if '"md_title"' in text else ():
            values.setdefault(found["name"], _plain(found["value"]))
    if not values.get("md_title"):
        return None
    files = {name: value for name, value in values.items() if name.startswith("url") and value}
    best = files[max(files, key=lambda name: int(name[3:]))] if files else None
    poster = values.get("jpg")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author_name=str(values.get("md_author") or "") or None,
        text=str(values["md_title"]),
        posted_at=from_seconds(values.get("date")),
        media=distinct(
            [
                medium(url, poster, platform.media_key(str(poster or "")), MediaKind.POSTER),
                medium(url, best, None, MediaKind.VIDEO),
            ]
        ),
    )


def _post(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement | None:
    """The page of a post, or of a photo: what it shows to readers without an account, else what it tells those who link to it."""
    shown = words_of(tree.css_first(_TEXT))
    address = _meta(tree, "og:url")
    own = address is not None and post_id in address
    if shown is None and not own:
        return None
    picture = _meta(tree, "og:image") if own else None
    media: list[MediaRef | None] = [medium(url, picture, platform.media_key(picture or ""))]
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author_name=words_of(tree.css_first(_AUTHOR)),
        text=shown or _meta(tree, "og:description"),
        media=distinct(media),
    )


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    node = tree.css_first(f'meta[property="{name}"]')
    return (node.attributes.get("content") or "").strip() or None if node is not None else None


def _plain(text: str) -> str | int:
    try:
        value = json_loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str | int) else ""
