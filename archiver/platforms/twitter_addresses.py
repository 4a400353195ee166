"""Posts of Twitter / X that stand in a page as an address only: placeholders, bare URLs, what editors and scripts note."""

import json
import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborNode

from archiver.platforms.base import Appearance
from archiver.platforms.document import block_of
from archiver.platforms.hidden import Origin
from archiver.platforms.twitter_dates import first_date
from archiver.platforms.twitter_look import MAX_EMBEDS, MAX_HTML, NEVER, Look, canonical, id_of_value
from archiver.platforms.twitter_urls import NAME, POST_URL, handle_of, post_id_of
from archiver.records import Embed, EmbedKind

_STATUS = re.compile(r"/status(?:es)?/\d")
_NAMED_ATTRIBUTE = re.compile(r"[\s\"'“”]([a-z_:][\w:.-]*)\s*=\s*(?:\"[^\"<>]*|'[^'<>]*|[^\s\"'<>]*)$", re.I)
_UNTOLD = re.compile(r"(?:href|on\w+|content|title|alt|style|action|class|id|data-share-url|data-permalink)$", re.I)
_OWN_LINE_URL = re.compile(r"^\s*(?:\[(?:embed|tweet|twitter)[^\]]*\]\s*)?(https?://\S+?)\s*(?:\[/\w+\])?\s*$", re.I)
_SHORTCODE = re.compile(r"\[(?:tweet|twitter)\s+(?:id=|url=)?[\"'“”]?(?P<post>\d{5,20}|https?://[^\s\"'\]]+)", re.I)
_JSON_POST = re.compile(
    r"\"(?:@?type|_type|subtype|kind|provider|provider_?name|providerNameSlug|embed_?type|socialType|service)\"\s*:\s*"
    r"\"[^\"]*(?:tweet|twitter)[^\"]*\"",
    re.I,
)
_JSON_ID = re.compile(r"\"(?:id|tweet_?id|id_str|content_id|embed_?id)\"\s*:\s*\"?(\d{5,20})\"?", re.I)
_JSON_REACH = 3_000  # characters each way to the braces of the object around


def placeholders(look: Look) -> Iterator[Appearance]:
    """Any element, but for links and the like, one of whose attributes is a post's address, or JSON about one.

    Consent banners and lazy loaders each have an attribute of their own, so the page's text tells which ones to look at.
    """
    for name in sorted(_attributes_with_posts(look.piece.html)):
        for node in look.piece.tree.css(f"[{_css_name(name)}]")[:MAX_EMBEDS]:
            if node.tag in NEVER or (node.tag in ("iframe", "amp-iframe")):
                continue
            value = (node.attributes.get(name) or "").strip(" \t\r\n\"'“”″")
            if value.startswith(("{", "[")):
                yield from _from_json_attribute(look, node, value)
            elif post_id := post_id_of(value):
                yield look.appearance(node, EmbedKind.PLACEHOLDER, post_id, author=handle_of(value))


def _attributes_with_posts(markup: str) -> set[str]:
    names: set[str] = set()
    for found in _STATUS.finditer(markup):
        before = markup[max(0, found.start() - 1500) : found.start()]
        before = before[before.rfind("<") + 1 :]
        attribute = _NAMED_ATTRIBUTE.search(before)
        if attribute and _UNTOLD.match(attribute[1]) is None:
            names.add(attribute[1].lower())
    return names


def _css_name(name: str) -> str:
    return re.sub(r"([:.])", r"\\\1", name)


def _from_json_attribute(look: Look, node: LexborNode, value: str) -> Iterator[Appearance]:
    """Substack's `div.tweet[data-attrs]`, and others that keep what an oEmbed reply says in an attribute."""
    try:
        told = json.loads(value)
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
    html = look.piece.html
    if not _has_bare_url(html) and ("[tw" not in html or _SHORTCODE.search(html) is None):
        return
    root = look.piece.tree.body
    for node in root.traverse(include_text=True) if root is not None else ():
        text = (node.text_content or "") if node.tag == "-text" else ""
        if "status" not in text and "[t" not in text:
            continue
        parent = node.parent
        if parent is None or parent.tag in ("script", "style", "textarea", "title", "iframe"):
            continue
        if parent.tag == "a":
            yield from _link_alone(look, parent, text)
        else:
            yield from _lines_alone(look, parent, text)


def _has_bare_url(markup: str) -> bool:
    for hit in _STATUS.finditer(markup):
        before = markup[max(0, hit.start() - 120) : hit.start()]
        before = before[max(before.rfind(">"), before.rfind("\n"), before.rfind("]")) + 1 :].lstrip()
        if before[:4].lower() == "http" and '"' not in before and " " not in before:
            return True
    return False


def _link_alone(look: Look, link: LexborNode, text: str) -> Iterator[Appearance]:
    post_id = post_id_of(link.attributes.get("href") or "")
    if post_id is None or post_id_of(text) != post_id:
        return
    block = block_of(link)
    if block.tag in ("p", "div", "figure") and (block.text(deep=True) or "").strip() == text.strip():
        yield look.appearance(block, EmbedKind.LINK_CARD, post_id, author=handle_of(text))


def _lines_alone(look: Look, parent: LexborNode, text: str) -> Iterator[Appearance]:
    for line in text.splitlines():
        alone, shortcode = _OWN_LINE_URL.match(line), _SHORTCODE.search(line)
        post_id = post_id_of(alone[1]) if alone else None
        if post_id is None and shortcode:
            post_id = id_of_value(shortcode["post"])
        if post_id:
            kind = EmbedKind.OEMBED if "embed" in (parent.attributes.get("class") or "") else EmbedKind.LINK_CARD
            yield look.appearance(parent, kind, post_id, author=handle_of(line))


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
            end = text.find("}", said.end(), said.end() + _JSON_REACH)
            around = text[max(begin, 0) : end if end > 0 else said.end()].replace("\\/", "/")
            url = POST_URL.search(around)
            bare = _JSON_ID.search(around)
            post_id = post_id_of(url.group()) if url else (bare[1] if bare else None)
            if post_id:
                spot = (look.piece.spot(node)[0], said.start())
                embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.SCRIPT, 0, handle_of(around), html=around[:MAX_HTML])
                yield Appearance(embed, spot, spot, Origin.SCRIPT, node)
