"""Posts of Twitter / X that stand in a page as an address only: placeholders, bare URLs, what editors and scripts note."""

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.deferred_markup import Origin
from archiver.html.document import Piece
from archiver.html.embed_candidates import ANYWHERE, MAX_CARRIERS
from archiver.html.keyword_index import places_of
from archiver.html.standalone_urls import url_in_comment
from archiver.html.text import UNREAD, block_of
from archiver.model.findings import Embed, EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.dates import first_date
from archiver.platforms.twitter.look import (
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
from archiver.platforms.twitter.urls import NAME, POST_URL, STRAY, handle_of, post_id_of
from archiver.text import json_loads

_NO_PLACEHOLDER = NEVER | {"iframe", "amp-iframe"}
_OWN_LINE_URL = re.compile(
    r"\s*+(?:\[(?:embed|tweet|twitter)[^\]]{0,300}\]\s*+)?(https?://[^\s\[]++)\s*+(?:\[/\w{1,20}\]\s*+)?$", re.I
)
WORDS = ("[tw", "[blackbirdpie")
"""How shortcodes begin."""
_SHORTCODE = re.compile(r"\[(?:tweet|twitter|blackbirdpie)\s+(?:id=|url=)?[\"'“”]?(?P<post>\d{5,20}|https?://[^\s\"'\]]+)", re.I)
_JSON_POST = re.compile(
    r"\"(?:@?type|_type|__typename|subtype|kind|provider|provider_?name|providerNameSlug|embed_?type|socialType|service)\"\s*:\s*"
    r"\"[^\"]{0,100}?(?:tweet|twitter)[^\"]{0,100}\"",
    re.I,
)
_JSON_TWEET_ID = re.compile(r"\"(?:tweet_?id|id_str)\"\s*:\s*\"?(\d{5,20})\b", re.I)
# Posts have had so long ids since 2011; content systems number their own things under the same names.
_JSON_ANY_ID = re.compile(r"\"(?:id|content_?id|embed_?id)\"\s*:\s*\"?(\d{15,20})\b", re.I)
_URL_REACH = 120  # characters from the host to the id
MAX_NODES_AROUND = 200  # in a block with nothing but a link
MAX_LOOKS = 5  # at places where an address may be, in one object
_JSON_REACH = 3_000  # characters each way to the braces of the object around


def placeholders(look: Look) -> Iterator[Appearance]:
    """Any element, but for links and the like, one of whose attributes is a post's address, or JSON about one.

    Consent banners and lazy loaders each have an attribute of their own.
    """
    seen: set[tuple[int, str]] = set()
    for carrier in islice(look.piece.carriers.frames.at((ANYWHERE,)), MAX_CARRIERS):
        node, name = carrier.node, carrier.attribute
        if node.tag in _NO_PLACEHOLDER or (node.mem_id, name) in seen or not (post_id := post_id_of(carrier.value)):
            continue
        seen.add((node.mem_id, name))
        stated = (node.attributes.get(name) or "").strip(STRAY)
        if not stated.startswith(("{", "[")):
            yield look.appearance(node, EmbedKind.PLACEHOLDER, post_id, author=handle_of(carrier.value))
        elif (told := _flat_fields(stated)) and carrier.value.replace("\\/", "/") in told.values():
            yield _told_in_json(look, node, carrier.value, post_id, told)


def _flat_fields(value: str) -> dict[str, str]:
    """The texts of a JSON object in an attribute; what lies deeper in it is somebody's settings."""
    try:
        told = json_loads(value)
    except (ValueError, RecursionError):
        return {}
    return {key: field for key, field in told.items() if isinstance(field, str)} if isinstance(told, dict) else {}


def _told_in_json(look: Look, node: LexborNode, url: str, post_id: str, fields: dict[str, str]) -> Appearance:
    """Substack's `div.tweet[data-attrs]`, and others that keep what an oEmbed reply says in an attribute."""
    date = first_date(fields.get("date", "")) or first_date(fields.get("created_at", ""))
    return look.appearance(
        node,
        EmbedKind.PLACEHOLDER,
        post_id,
        author=fields.get("username") or fields.get("screen_name") or handle_of(url.replace("\\/", "/")),
        name=fields.get("name") or fields.get("author_name"),
        posted_at=date[0] if date else None,
        text=unescape(fields.get("full_text") or fields.get("text") or ""),
    )


# --- addresses that stand by themselves ---------------------------------------------------------------------


def bare_urls(look: Look) -> Iterator[Appearance]:
    """A post's address alone on its line: what WordPress shows when it could not fetch the embed, as text or as a link."""
    for candidate in candidates_of(look.piece) if signs_of(look.piece).status else ():
        if candidate.tag == "a":
            yield from _link_alone(look, candidate)
    root = look.piece.tree.body
    if root is None or not (_has_bare_url(look.piece) or _has_shortcode(look.piece)):
        return
    for node in root.traverse(include_text=True):
        text = (node.text_content or "") if node.tag == "-text" else ""
        parent = node.parent
        if ("status" in text or any(word in text for word in WORDS)) and parent is not None and parent.tag not in ("a", *UNREAD):
            yield from _lines_alone(look, parent, text)


def _has_shortcode(piece: Piece) -> bool:
    return any(_SHORTCODE.match(piece.html, at) for word in WORDS for at in islice(piece.places(word), MAX_EMBEDS))


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
    if block.tag in ("p", "div", "figure") and _says_only(block, text):
        yield look.appearance(block, EmbedKind.LINK_CARD, post_id, author=handle_of(text))


def _says_only(block: LexborNode, text: str) -> bool:
    """Stops at the first words too many: a block may hold thousands of links, each of which asks."""
    said = ""
    for node in islice(block.traverse(include_text=True), MAX_NODES_AROUND):
        if node.tag == "-text":
            said = (said + (node.text_content or "")).lstrip()
            if len(said.rstrip()) > len(text):
                return False
    return said.rstrip() == text


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
    url = url_in_comment(look.piece.html)
    post_id = post_id_of(url)
    if holder is not None and post_id is not None:
        spot = look.document.page.spot(holder)
        html = look.piece.html[:MAX_HTML]
        embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.OEMBED, 0, author=handle_of(url), html=html)
        yield Appearance(embed, spot, spot, Origin.COMMENT, holder)


def in_json(look: Look) -> Iterator[Appearance]:
    """Objects in the page's JSON that say of themselves that they are a tweet, for pages that build themselves in the browser."""
    for node in look.piece.tree.css("script"):
        text = node.text(deep=True) or ""
        if "status" not in text and "weet" not in text and "witter" not in text:
            continue
        for said in list(_JSON_POST.finditer(text))[:MAX_EMBEDS]:
            begin = text.rfind("{", max(0, said.start() - _JSON_REACH), said.start())
            begin = begin if begin >= 0 else said.start()
            end = text.find("}", said.end(), said.end() + _JSON_REACH)
            around = text[begin : end if end > 0 else said.end()].replace("\\/", "/")
            url = _url_in(around)
            bare = _JSON_TWEET_ID.search(around) or _JSON_ANY_ID.search(around)
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
