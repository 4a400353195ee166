"""What the readers of all replies about posts of Twitter / X share: ids, times, pictures, the words of what hangs on a post."""

import re
from collections.abc import Iterable
from typing import TypeGuard

from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.replies import Json, pixels
from archiver.platforms.twitter.urls import NAME, media_addresses, media_key_of
from archiver.times import from_iso, to_iso

MAX_CHOICES = 10  # of a poll; the platform allows four
_ONLY_LINKS = re.compile(r"(?:\s*(?:https?://)?(?:t\.co|pic\.(?:twitter|x)\.com)/\w+)*\s*")


def stated(post_id: str, source: Source, state: PostState) -> Findings:
    """A statement that says nothing but the post's state."""
    return Findings(statements=(Statement(NAME, post_id, source, state),))


def text_of(value: object) -> str | None:
    """A text as it is; None for an empty one, and for what is no text."""
    return value if isinstance(value, str) and value else None


def ref_of(post_id: object) -> PostRef | None:
    """A post by its id; None for what is no id."""
    return PostRef(NAME, post_id) if is_id(post_id) else None


def is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20


def moment_of(value: object) -> str | None:
    """ISO 8601, UTC, of such a time; None for what is none."""
    try:
        return to_iso(from_iso(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def picture_of(
    url: object, kind: MediaKind, *, width: object = None, height: object = None, alt: str | None = None
) -> MediaRef | None:
    """A picture by any of its addresses, as its original; None for what is no picture of a post at the platform's own host."""
    address = text_of(url)
    key = media_key_of(address) if address else None
    if address is None or key is None:
        return None
    return MediaRef(media_addresses(address)[0], key, kind, alt=alt, width=pixels(width), height=pixels(height))


def article_words(article: Json) -> Iterable[str]:
    """Title and opening of an article, which hangs on a post whose own text is a short link (FxEmbed#867, 2024-06)."""
    return filter(None, (text_of(article.get("title")), text_of(article.get("preview_text"))))


def article_cover(article: Json) -> MediaRef | None:
    cover = article.get("cover_media")
    shown = cover.get("media_info") if isinstance(cover, dict) else None
    if not isinstance(shown, dict):
        return None
    width, height = shown.get("original_img_width"), shown.get("original_img_height")
    return picture_of(shown.get("original_img_url"), MediaKind.PICTURE, width=width, height=height)


def with_attached(text: str | None, attached: Iterable[str]) -> str | None:
    """A post's words and, in paragraphs of their own, those of an article, a card or a poll that hangs on it."""
    paragraphs = [one.strip() for one in attached if one.strip()]
    return "\n\n".join([*([text] if text else []), *paragraphs]) or None


def says_nothing(text: str | None) -> bool:
    """Whether a post's text is short links and nothing else."""
    return not text or _ONLY_LINKS.fullmatch(text) is not None


def choices_of(labels: Iterable[object]) -> str:
    """A poll's choices, one on each line; "" without any."""
    return "\n".join(f"• {label}" for label in list(filter(None, map(text_of, labels)))[:MAX_CHOICES])
