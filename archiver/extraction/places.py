"""Where the embeds of a rendered page stand: a pure function of its markup, whose elements carry labels."""

from selectolax.lexbor import LexborNode

from archiver.extraction.embeds import appearances
from archiver.html.document import Document
from archiver.model.render import LABEL, Place
from archiver.platforms import TELLTALE

MAX_PLACES = 1_000  # of one page; a renderer draws fewer
MAX_CHARACTERS = 6_000_000  # of markup; a renderer sends less


def places_of(url: str, html: str) -> tuple[Place, ...]:
    """The embeds in a rendered page, in document order. Never raises: markup that makes no sense gives nothing.

    `html` is the page's markup after its scripts have run; each element has the attribute `LABEL`.
    """
    document = Document(url, html[:MAX_CHARACTERS], TELLTALE)
    found = []
    for one in appearances(document)[:MAX_PLACES]:
        embed = one.embed
        found.append(Place(embed.platform, embed.post_id, _label_of(one.node), embed.short_links, embed.text))
    return tuple(found)


def _label_of(node: LexborNode | None) -> str | None:
    """The label of an element, or of the nearest one that a text, a comment or an unlabelled element stands in."""
    while node is not None:
        if (node.tag or "-")[0] != "-" and (label := node.attributes.get(LABEL)):
            return label
        node = node.parent
    return None
