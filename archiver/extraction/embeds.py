"""The posts that a page embeds and links to, over all platforms, in captured and in rendered markup. Pure functions."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, chain

from selectolax.lexbor import LexborNode

from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Position
from archiver.html.text import words_around
from archiver.model.findings import Embed, EmbedFindings, EmbedKind, PostLink
from archiver.model.render import LABEL, RenderedEmbed
from archiver.platforms import KEYWORDS, PLATFORMS, is_platform_host
from archiver.platforms.base import Appearance, Platform

MAX_EMBEDS = 10_000  # per page; the most seen on a real page were some hundred. What is beyond stays among the links
MAX_CONTEXTS = 1_000  # embeds per page that get the words around them
MAX_RENDERED = 1_000  # embeds of a rendered page; a renderer draws fewer
MAX_CHARACTERS = 6_000_000  # of rendered markup; a renderer sends less

_LAST_RESORTS = frozenset(platform.name for platform in PLATFORMS if platform.last_resort)
# Where two forms show one appearance, the first of these stands for both: it says most.
_BEST_KINDS = (EmbedKind.BLOCKQUOTE, EmbedKind.STATIC, EmbedKind.AMP, EmbedKind.IFRAME, EmbedKind.PLACEHOLDER)
# A copy in here belongs to the post's appearance wherever that stands: data for scripts, the "copy this code" box.
_ANYWHERE = frozenset((MarkupOrigin.SCRIPT, MarkupOrigin.TEMPLATE, MarkupOrigin.COMMENT))


def find_embeds(document: Document) -> EmbedFindings:
    """All that a page embeds and links to: embeds in document order, links, short links, addresses of media.

    Never raises: markup that makes no sense gives nothing.
    """
    platforms = _platforms_in(document)
    found = _appearances(document, platforms)
    embeds = tuple(
        replace(one.embed, position=position, context=words_around(one.node) if one.node and position <= MAX_CONTEXTS else "")
        for position, one in enumerate(found, 1)
    )
    return EmbedFindings(
        embeds=embeds,
        links=_links(document, embeds, platforms),
        short_links=tuple(chain.from_iterable(platform.find_short_links(document) for platform in platforms)),
        media=tuple(chain.from_iterable(platform.find_media(document) for platform in platforms)),
    )


def _platforms_in(document: Document) -> tuple[Platform, ...]:
    return tuple(platform for platform in PLATFORMS if platform.may_be_in(document))


def _appearances(document: Document, platforms: Iterable[Platform]) -> list[Appearance]:
    """One of each appearance, in document order."""
    found = chain.from_iterable(platform.find_embeds(document) for platform in platforms)
    return _distinct(_without_claimed(sorted(found, key=lambda one: (one.start, one.end))))[:MAX_EMBEDS]


def _links(document: Document, embeds: Iterable[Embed], platforms: Iterable[Platform]) -> tuple[PostLink, ...]:
    embedded = {(embed.platform, embed.post_id) for embed in embeds}
    return tuple(
        PostLink(platform.name, post_id, platform.canonical_url(post_id))
        for platform in platforms
        for post_id in dict.fromkeys(platform.find_links(document))
        if (platform.name, post_id) not in embedded
    )


def _without_claimed(found: list[Appearance]) -> list[Appearance]:
    """Appearances of platforms of last resort count only where no other platform knows the place, or the host."""
    firm = [one for one in found if one.embed.platform not in _LAST_RESORTS]
    if len(firm) == len(found):
        return found
    starts = [one.start for one in firm]
    ends = list(accumulate((one.end for one in firm), max))

    def claimed(one: Appearance) -> bool:
        before = bisect_right(starts, one.end)  # how many begin before it ends; one of these must end after it begins
        return (before > 0 and ends[before - 1] >= one.start) or is_platform_host(one.embed.url or "")

    return [one for one in found if one.embed.platform not in _LAST_RESORTS or not claimed(one)]


def _distinct(found: list[Appearance]) -> list[Appearance]:
    """One of each appearance: a box inside a placeholder, its copy in `<noscript>` or a script are that same one.

    Two boxes of one post are two appearances. Words count as a post only where no box holds them.
    """
    boxes = _Boxes(one for one in found if one.embed.kind is not EmbedKind.TEXT and not _of_words(one))
    kept: list[Appearance] = []
    by_post: dict[tuple[str, str], list[int]] = {}
    for one in found:
        if _of_words(one) and boxes.contain(one.start):
            continue
        post_id = one.embed.post_id
        if post_id is None:
            kept.append(one)
            continue
        earlier = by_post.setdefault((one.embed.platform, post_id), [])
        same = next((index for index in reversed(earlier[-8:]) if _same(kept[index], one, index == len(kept) - 1)), None)
        if same is None:
            earlier.append(len(kept))
            kept.append(one)
        else:
            kept[same] = _merged(kept[same], one)
    return _without_deferred_copies(kept)


def _of_words(one: Appearance) -> bool:
    return one.embed.kind is EmbedKind.TEXT or (one.embed.kind is EmbedKind.STATIC and one.start[1] > 0 and one.start == one.end)


def _same(earlier: Appearance, later: Appearance, adjacent: bool) -> bool:
    if later.start <= earlier.end:
        return True  # inside it
    return adjacent and (earlier.origin is not later.origin or earlier.embed.kind is not later.embed.kind)


def _without_deferred_copies(kept: list[Appearance]) -> list[Appearance]:
    shown = {(one.embed.platform, one.embed.post_id) for one in kept if one.origin not in _ANYWHERE}
    first: set[tuple[str, str | None]] = set()
    result = []
    for one in kept:
        post = (one.embed.platform, one.embed.post_id)
        if one.origin in _ANYWHERE and one.embed.post_id is not None:
            if post in shown or post in first:
                continue
            first.add(post)
        result.append(one)
    return result


def _merged(first: Appearance, second: Appearance) -> Appearance:
    best, other = sorted((first, second), key=_rank)
    embed, more = best.embed, other.embed
    embed = replace(
        embed,
        author=embed.author or more.author,
        author_name=embed.author_name or more.author_name,
        posted_at=embed.posted_at or more.posted_at,
        text=embed.text or more.text,
        short_links=embed.short_links or more.short_links,
        media=tuple(dict.fromkeys((*embed.media, *more.media))),
    )
    visible = first if first.origin is MarkupOrigin.PAGE or second.origin is not MarkupOrigin.PAGE else second
    return replace(best, embed=embed, start=first.start, end=max(first.end, second.end), origin=visible.origin, node=visible.node)


def _rank(one: Appearance) -> tuple[bool, bool, int]:
    kind = one.embed.kind
    return (not one.embed.text, one.origin in _ANYWHERE, _BEST_KINDS.index(kind) if kind in _BEST_KINDS else len(_BEST_KINDS))


class _Boxes:
    """The stretches of a page that belong to embeds with markup; questions must come in document order."""

    def __init__(self, boxes: Iterable[Appearance]) -> None:
        self._boxes = [(box.start, box.end) for box in boxes]
        self._next = 0
        self._until: Position = (-1, -1)

    def contain(self, position: Position) -> bool:
        """Whether a position lies in one of them."""
        while self._next < len(self._boxes) and self._boxes[self._next][0] <= position:
            self._until = max(self._until, self._boxes[self._next][1])
            self._next += 1
        return position <= self._until


# --- rendered pages ------------------------------------------------------------------------------------------


def rendered_embeds(url: str, html: str) -> tuple[RenderedEmbed, ...]:
    """The embeds in a rendered page, in document order. Never raises: markup that makes no sense gives nothing.

    `html` is the page's markup after its scripts have run; each element has the attribute `LABEL`.
    """
    document = Document(url, html[:MAX_CHARACTERS], KEYWORDS)
    found = []
    for one in _appearances(document, _platforms_in(document))[:MAX_RENDERED]:
        embed = one.embed
        found.append(RenderedEmbed(embed.platform, embed.post_id, _label_of(one.node), embed.short_links, embed.text))
    return tuple(found)


def _label_of(node: LexborNode | None) -> str | None:
    """The label of an element, or of the nearest one that a text, a comment or an unlabelled element stands in."""
    while node is not None:
        if (node.tag or "-")[0] != "-" and (label := node.attributes.get(LABEL)):
            return label
        node = node.parent
    return None
