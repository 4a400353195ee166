"""Pictures that lead to their own page: the code that picture hosts gave for web pages before there were frames and scripts."""

from collections.abc import Callable, Iterable, Iterator

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.document import Piece
from archiver.html.pattern import Pattern

MAX_PICTURES = 5_000  # within links, of one piece
MAX_STEPS_UP = 5  # from a picture to the link around it: `<a><figure><picture><img>` has three


def linked_pictures(
    piece: Piece, hosts: Iterable[str], files: Pattern, named_by: Callable[[str], str | None]
) -> Iterator[tuple[LexborNode, str]]:
    """Links to a picture's page around that very picture, each with the post's id.

    `files` matches the addresses of a platform's picture files, `named_by` tells the id from those and from its pages'.
    A picture within a link to its own file is none: editors make such links of any picture.
    """
    if next(iter(piece.carriers.links_to(hosts)), None) is None:
        return
    for picture in piece.tree.css("a[href] img")[:MAX_PICTURES]:
        shown = _id_of_file(picture, files, named_by)
        link = _link_around(picture) if shown is not None else None
        if shown is None or link is None:
            continue
        leads_to = address_of(link.attributes.get("href") or "")
        if leads_to and files.match(leads_to) is None and named_by(leads_to) == shown:
            yield link, shown


def _id_of_file(picture: LexborNode, files: Pattern, named_by: Callable[[str], str | None]) -> str | None:
    # Lazy loaders move the address from `src` to attributes of any name.
    for value in picture.attributes.values():
        address = address_of(value) if value and "//" in value else ""
        if address and files.match(address) is not None and (post_id := named_by(address)) is not None:
            return post_id
    return None


def _link_around(picture: LexborNode) -> LexborNode | None:
    node = picture.parent
    for _ in range(MAX_STEPS_UP):
        if node is None or node.tag == "a":
            return node
        node = node.parent
    return None
