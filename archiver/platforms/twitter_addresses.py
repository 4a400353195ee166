"""Posts of Twitter / X that stand in a page as an address only: placeholders, bare URLs, what editors and scripts note."""

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver import jsontext
from archiver.findings import Embed, EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.document import UNREAD, Piece, block_of
from archiver.platforms.hidden import Origin
from archiver.platforms.telltale import places_of
from archiver.platforms.twitter_dates import first_date
from archiver.platforms.twitter_look import (
    MAX_EMBEDS,
    MAX_HTML,
    NEVER,
    Candidate,
    Look,
    candidates_of,
    canonical,
    id_of_value,
    signs_of,
)
from archiver.platforms.twitter_urls import NAME, POST_URL, STRAY, handle_of, post_id_of

_NAMED_ATTRIBUTE = re.compile(r"[\s\"'“”]([a-z_:][\w:.-]*)\s*=\s*(?:\"[^\"<>]*|'[^'<>]*|[^\s\"'<>]*)$", re.I)
_UNTOLD = re.compile(r"(?:href|on\w+|content|title|alt|style|action|class|id|data-share-url|data-permalink)$", re.I)
_OWN_LINE_URL = re.compile(
    r"\s*+(?:\[(?:embed|tweet|twitter)[^\]]{0,300}\]\s*+)?(https?://[^\s\[]++)\s*+(?:\[/\w{1,20}\]\s*+)?$", re.I
)
_MAY_BE_SHORTCODE = "[tw"
WORDS = (_MAY_BE_SHORTCODE,)
_SHORTCODE = re.compile(r"\[(?:tweet|twitter)\s+(?:id=|url=)?[\"'“”]?(?P<post>\d{5,20}|https?://[^\s\"'\]]+)", re.I)
_JSON_POST = re.compile(
    r"\"(?:@?type|_type|subtype|kind|provider|provider_?name|providerNameSlug|embed_?type|socialType|service)\"\s*:\s*"
    r"\"[^\"]{0,100}?(?:tweet|twitter)[^\"]{0,100}\"",
    re.I,
)
_JSON_ID = re.compile(r"\"(?:id|tweet_?id|id_str|content_id|embed_?id)\"\s*:\s*\"?(\d{5,20})\"?", re.I)
MAX_JSON = 100_000  # characters of an attribute that may hold JSON; what a post says has 2,000
_URL_REACH = 120  # characters from the host to the id
MAX_LOOKS = 5  # at places where an address may be, in one object
_JSON_REACH = 3_000  # characters each way to the braces of the object around


def placeholders(look: Look) -> Iterator[Appearance]:
    """Any element, but for links and the like, one of whose attributes is a post's address, or JSON about one.

    Consent banners and lazy loaders each have an attribute of their own, so the page's text tells which ones to look at.
    """
    names = _attributes_with_posts(look.piece)
    for node, tag, attributes in look.piece.elements if names else ():
        if tag in NEVER or tag in ("iframe", "amp-iframe") or names.isdisjoint(attributes):
            continue
        for name, stated in attributes.items():
            value = (stated or "")[:MAX_JSON].strip(STRAY) if name in names else ""
            if value.startswith(("{", "[")):
                yield from _from_json_attribute(look, node, value)
            elif value and (post_id := post_id_of(value)):
                yield look.appearance(node, EmbedKind.PLACEHOLDER, post_id, author=handle_of(value))


def _attributes_with_posts(piece: Piece) -> set[str]:
    names: set[str] = set()
    for at in signs_of(piece).status:
        before = piece.html[max(0, at - 1500) : at]
        before = before[before.rfind("<") + 1 :]
        attribute = _NAMED_ATTRIBUTE.search(before)
        if attribute and _UNTOLD.match(attribute[1]) is None:
            names.add(attribute[1].lower())
    return names


def _from_json_attribute(look: Look, node: LexborNode, value: str) -> Iterator[Appearance]:
    """Substack's `div.tweet[data-attrs]`, and others that keep what an oEmbed reply says in an attribute."""
    try:
        told = jsontext.loads(value)
    except (ValueError, RecursionError):
        return
    if not isinstance(told, dict):
        return
    fields = {key: field for key, field in told.items() if isinstance(field, str)}
    post_id = next((found for field in fields.values() if field.startswith("http") and (found := post_id_of(field))), None)
    if post_id is None:
        return
    url = next(field for field in fields.values() if post_id_of(field) == post_id)
    date = first_date(fields.get("date", "")) or first_date(fields.get("created_at", ""))
    yield look.appearance(
        node,
        EmbedKind.PLACEHOLDER,
        post_id,
        author=fields.get("username") or fields.get("screen_name") or handle_of(url),
        name=fields.get("name") or fields.get("author_name"),
        posted_at=date[0] if date else None,
        text=unescape(fields.get("full_text") or fields.get("text") or ""),
    )


# --- addresses that stand by themselves ---------------------------------------------------------------------


def bare_urls(look: Look) -> Iterator[Appearance]:
    """A post's address alone on its line: what WordPress shows when it could not fetch the embed, as text or as a link."""
    for candidate in candidates_of(look.piece):
        if candidate.tag == "a":
            yield from _link_alone(look, candidate)
    root = look.piece.tree.body
    if root is None or not (_has_bare_url(look.piece) or _has_shortcode(look.piece)):
        return
    for node in root.traverse(include_text=True):
        text = (node.text_content or "") if node.tag == "-text" else ""
        parent = node.parent
        if ("status" in text or "[tw" in text) and parent is not None and parent.tag not in ("a", *UNREAD):
            yield from _lines_alone(look, parent, text)


def _has_shortcode(piece: Piece) -> bool:
    return any(_SHORTCODE.match(piece.html, at) for at in piece.places(_MAY_BE_SHORTCODE))


def _has_bare_url(piece: Piece) -> bool:
    """Whether a line or an element, other than a link, begins with a post's address."""
    markup = piece.html
    for at in signs_of(piece).status:
        start = max(0, at - 120)
        before = markup[start:at]
        cut = max(before.rfind(">"), before.rfind("\n"), before.rfind("]"))
        address = before[cut + 1 :].lstrip()
        if address[:4].lower() != "http" or '"' in address or " " in address:
            continue
        if before[cut : cut + 1] != ">" or not markup.startswith(("<a", "<A"), markup.rfind("<", 0, start + cut)):
            return True
    return False


def _link_alone(look: Look, link: Candidate) -> Iterator[Appearance]:
    href = link.attributes.get("href") or ""
    text = (link.node.text(deep=True) or "").strip()
    if not text.startswith("http") or (post_id := post_id_of(href)) is None or post_id_of(text) != post_id:
        return
    block = block_of(link.node)
    if block.tag in ("p", "div", "figure") and (block.text(deep=True) or "").strip() == text:
        yield look.appearance(block, EmbedKind.LINK_CARD, post_id, author=handle_of(text))


def _lines_alone(look: Look, parent: LexborNode, text: str) -> Iterator[Appearance]:
    offset = 0
    kind = EmbedKind.OEMBED if "embed" in (parent.attributes.get("class") or "") else EmbedKind.LINK_CARD
    for line in text.splitlines(keepends=True):
        offset += len(line)
        alone, shortcode = _OWN_LINE_URL.match(line), _SHORTCODE.search(line)
        post_id = post_id_of(alone[1]) if alone else None
        if post_id is None and shortcode:
            post_id = id_of_value(shortcode["post"])
        if post_id:
            found = look.appearance(parent, kind, post_id, author=handle_of(line), html=escape(line.strip(), quote=False))
            yield look.within(found, offset)


def in_comment(look: Look) -> Iterator[Appearance]:
    """`<!-- wp:embed {"url":"…","providerNameSlug":"twitter"} -->`, which WordPress's editor writes around an embed."""
    holder = look.piece.holder
    found = re.match(r"\s*wp:(?:core-)?embed\S*\s.*?\"url\"\s*:\s*\"([^\"]+)\"", look.piece.html, re.S)
    post_id = post_id_of(found[1].replace("\\/", "/")) if found else None
    if holder is not None and found is not None and post_id is not None:
        spot = look.document.page.spot(holder)
        html = look.piece.html[:MAX_HTML]
        embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.OEMBED, 0, author=handle_of(found[1]), html=html)
        yield Appearance(embed, spot, spot, Origin.COMMENT, holder)


def in_json(look: Look) -> Iterator[Appearance]:
    """Objects in the page's JSON that say of themselves that they are a tweet, for pages that build themselves in the browser."""
    for node in look.piece.tree.css("script"):
        text = node.text(deep=True) or ""
        if "status" not in text and "weet" not in text:
            continue
        for said in list(_JSON_POST.finditer(text))[:MAX_EMBEDS]:
            begin = text.rfind("{", max(0, said.start() - _JSON_REACH), said.start())
            begin = begin if begin >= 0 else said.start()
            end = text.find("}", said.end(), said.end() + _JSON_REACH)
            around = text[begin : end if end > 0 else said.end()].replace("\\/", "/")
            url = _url_in(around)
            bare = _JSON_ID.search(around)
            post_id = post_id_of(url.group()) if url else (bare[1] if bare else None)
            if post_id:
                spot = (look.piece.spot(node)[0], said.start())
                embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.SCRIPT, 0, handle_of(around), html=around[:MAX_HTML])
                yield Appearance(embed, spot, spot, Origin.SCRIPT, node)


def _url_in(text: str) -> re.Match[str] | None:
    """The first address of a post; looked for around `/status`, which is found in a hundredth of the time."""
    for at in islice(places_of(text, "/status"), MAX_LOOKS):
        if found := POST_URL.search(text, max(0, at - _URL_REACH), at + _URL_REACH):
            return found
    return None
