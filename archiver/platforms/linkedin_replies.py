"""What the frame of a LinkedIn embed says of its post: `/embed/feed/update/urn:li:…`, HTML that needs no script.

Names of attributes as public programs read them in 2026; nobody here has tried them against the live service.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, told_by_status, tree_of, words_of
from archiver.text import json_loads

MAX_LOOKED_AT = 200  # elements of one kind, for the first that belongs to the post itself
MAX_STEPS = 40  # from an element up to what it is in

_COMMENTARY = '[data-test-id="main-feed-activity-embed-card__commentary"], .attributed-text-segment-list__content'
_ACTOR = '[data-tracking-control-name="public_post_embed_feed-actor-name"]'
_PICTURES = (
    '[data-test-id="feed-images-content"] img, [data-test-id="article-content"] img, [data-test-id="feed-document-content"] img'
)
_RESHARED = "reshare"  # in the `data-test-id` of what holds the post that this one passes on
_GONE = Pattern(r"(?:this )?(?:post|content) (?:cannot be displayed|is (?:no longer|not) available|isn.t available)", re.I)  # [?]


def read(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from 999 (it takes us for a robot), a login page or an overload page."""
    if (verdict := told_by_status(platform, post_id, status)) is not None:
        return verdict
    tree = tree_of(url, body)
    actor, commentary = _own(tree, _ACTOR), _own(tree, _COMMENTARY)
    if actor is None and commentary is None:
        told = words_of(tree.css_first("main") or tree.body) or ""
        return stated(platform.name, post_id, PostState.TOMBSTONE) if len(told) < 2_000 and _GONE.search(told) else Findings()
    said = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=platform.author_in(actor.attributes.get("href") or "") if actor is not None else None,
        author_name=words_of(actor),
        text=words_of(commentary),
        posted_at=platform.posted_at(post_id),
        media=distinct(_media(platform, url, tree)),
        quotes=_reshared(platform, tree),
    )
    return Findings(statements=(said,))


def _media(platform: Platform, base: str, tree: LexborHTMLParser) -> list[MediaRef | None]:
    found: list[MediaRef | None] = []
    for node in tree.css(_PICTURES):
        address = node.attributes.get("data-delayed-url") or node.attributes.get("src") or ""
        found.append(medium(base, address, platform.media_key(address), alt=node.attributes.get("alt")))
    for node in tree.css("video"):
        poster = node.attributes.get("data-poster-url") or node.attributes.get("poster") or ""
        found.append(medium(base, poster, platform.media_key(poster), MediaKind.POSTER))
        found.append(medium(base, _best_source(node), None, MediaKind.VIDEO))
    return found


def _best_source(video: LexborNode) -> str | None:
    """Of the `data-sources`, a list in JSON, the one with the highest bit rate."""
    try:
        sources = json_loads(video.attributes.get("data-sources") or "null")
    except ValueError:
        return None
    found = [
        (rate if isinstance(rate := source.get("data-bitrate"), int) else 0, address)
        for source in (sources if isinstance(sources, list) else [])
        if isinstance(source, dict) and isinstance(address := source.get("src"), str)
    ]
    return max(found)[1] if found else video.attributes.get("src")


def _own(tree: LexborHTMLParser, selector: str) -> LexborNode | None:
    """The first such element that does not belong to a post passed on."""
    return next((node for node in tree.css(selector)[:MAX_LOOKED_AT] if not _passed_on(node)), None)


def _passed_on(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(MAX_STEPS):
        if above is None:
            break
        if _RESHARED in (above.attributes.get("data-test-id") or ""):
            return True
        above = above.parent
    return False


def _reshared(platform: Platform, tree: LexborHTMLParser) -> PostRef | None:
    box = tree.css_first(f'[data-test-id*="{_RESHARED}"]')
    for link in box.css("a[href]") if box is not None else ():
        if (post_id := platform.parse_url(link.attributes.get("href") or "")) is not None:
            return PostRef(platform.name, post_id)
    return None
