"""The markup in which pages carry posts of Twitter / X, form by form: embed code, frames, ids, placeholders, addresses, JSON.

Another form of markup goes here, as one more generator that `_in_piece` calls, with an example in `examples.py`. Which elements
are looked at, and how an embed is made of one, is in `search.py`; posts that lost their markup are in `text.py`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from html import escape, unescape
from itertools import chain, islice
from operator import itemgetter
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from archiver.html.dates import first_date
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece, Position
from archiver.html.embed_candidates import ANYWHERE, MAX_CANDIDATES
from archiver.html.embed_forms import ScriptPlayer, played_in, shows_only, url_in_comment
from archiver.html.pattern import Pattern
from archiver.html.raw_text import offsets_of
from archiver.html.text import UNREAD, block_of, text_of
from archiver.model.findings import Embed, EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.search import (
    CREATE_CALL,
    EMBETTY,
    ID_ATTRIBUTES,
    LINKS,
    MAX_EMBEDS,
    MAX_HTML,
    NO_EMBED_TAGS,
    NUMBER_ATTRIBUTE,
    TweetElement,
    TweetSearch,
    blackbird_id,
    canonical,
    hints_of,
    id_of_value,
    is_box,
    may_name_post,
    tweet_elements,
)
from archiver.platforms.twitter.text import MARK_END, MARK_START, Attribution, attributions, in_words, plain, without_marks
from archiver.platforms.twitter.urls import NAME, POST_URL, STRAY, handle_of, post_id_of, short_links_in
from archiver.text import json_loads

_FRAMED = re.compile(r"twit|x\.com|embedly|iframe|fixupx", re.I)
# Buttons to share, follow and mention are frames of the same hosts (platform.x.com since 2026-06, pressfreedomtracker.us#2258;
# platform.twitter.com before), and carry the address of what is to be shared.
_BUTTON = re.compile(r"(?<![\w-])(?:twitter|x)\.com/(?:widgets|intent|share)[/?]", re.I)
MAX_APPEARANCES = 12_000  # of one page, in all forms; so many are an attack or a data dump
MAX_LINK_TEXT = 300  # characters of a link that may say when the post was made
MAX_FRAME_ADDRESS = 8_000  # characters of an attribute of a frame; what is longer is a document
MAX_BOX_TEXT = 4_000  # characters; a box with more was never closed and swallowed what follows

_S9E = re.compile(r"(?:https?:)?//[^/?#]{1,100}/(?:[\w.-]{1,50}/){0,5}twitter(?:\.min)?\.html#(?P<id>\d{5,20})\b", re.I)


def find(document: Document) -> Iterator[Appearance]:
    """Every appearance of a post, form by form and not in order; one that two forms show comes twice."""
    return islice(chain.from_iterable(_in_piece(TweetSearch(document, piece)) for piece in document.pieces), MAX_APPEARANCES)


def _in_piece(search: TweetSearch) -> Iterator[Appearance]:
    origin, hints = search.piece.origin, hints_of(search.piece)
    if origin is MarkupOrigin.COMMENT:
        yield from _in_comment(search)
        return
    if hints.box:
        yield from _boxes(search)
    if hints.number:
        yield from _by_id(search)
    yield from _frames(search)
    if hints.made:
        yield from _made_by_script(search)
    if hints.status or search.piece.candidates.frames.at(("twitter.com", "x.com")):
        yield from _placeholders(search)
    if hints.status or any(map(search.piece.contains, SHORTCODES)):
        yield from _bare_urls(search)
    if hints.json and origin is MarkupOrigin.PAGE:
        yield from _in_json(search)
    if origin is not MarkupOrigin.SCRIPT:
        yield from in_words(search)


def linked(document: Document) -> Iterator[str]:
    """The ids of the posts that the page's anchors lead to, in document order; may repeat."""
    if not hints_of(document.page).linked:
        return
    on_platform = POST_URL.match(document.url + "/i/status/10") is not None
    for piece in document.pieces:
        if piece.origin is MarkupOrigin.SCRIPT or not hints_of(piece).linked:
            continue
        for element in tweet_elements(piece):
            href = (element.attributes.get("href") or "") if element.tag in LINKS else ""
            if post_id := post_id_of(href) or (post_id_of(document.absolute(href) or "") if on_platform else None):
                yield post_id


# --- the embed code -----------------------------------------------------------------------------------------


def _boxes(search: TweetSearch) -> Iterator[Appearance]:
    """`blockquote.twitter-tweet` with whatever quotation marks, and other elements that took its class."""
    boxes = [element.node for element in tweet_elements(search.piece) if is_box(element)][:MAX_EMBEDS]
    others = frozenset(box.mem_id for box in boxes)
    loaders = (
        [search.piece.start_of(node) for node, tag, attributes in search.piece.elements if tag == "script" and _loads(attributes)]
        if boxes
        else []
    )
    for number, box in enumerate(boxes):
        found = _read_box(search, box, boxes[number + 1] if number + 1 < len(boxes) else None, others, loaders)
        if found is not None:
            yield found


def _loads(attributes: dict[str, str | None]) -> bool:
    return "widgets.js" in (attributes.get("src") or "")


def _read_box(
    search: TweetSearch, box: LexborNode, following: LexborNode | None, others: frozenset[int], loaders: Sequence[Position]
) -> Appearance | None:
    # A box that was never closed holds the next one; what stands in there is not its own.
    limit = search.piece.start_of(following) if following is not None else None
    links, ended = _own_links(search, box, limit, loaders)
    marks = {a.mem_id: f"{MARK_START}{post_id}{MARK_END}" for a, post_id in links}
    marked = plain(text_of(box, marks, without=others))
    named = list(attributions(marked))
    attribution = _own_attribution(named, closed=not ended and len(marked) <= MAX_BOX_TEXT)
    post_id = attribution.post_id if attribution else None
    if post_id is None and links and len(marked) <= MAX_BOX_TEXT:
        post_id = links[-1][1]
    if post_id is None:
        post_id = _id_in_attributes(box) or _url_in_text(marked)
    own = next((a for a, linked in reversed(links) if linked == post_id), None)
    bare = own if attribution is None and len(marked) < MAX_BOX_TEXT else None
    text = _box_text(marked, attribution, text_of(bare, without=others) if bare is not None else None)
    if post_id is None and attribution is None and not short_links_in(text or ""):
        return None
    dated = attribution is not None and attribution.post_id == post_id and attribution.posted_at is not None
    date = first_date(_first_words(own)) if own is not None and not dated else None
    return search.appearance(
        box,
        EmbedKind.BLOCKQUOTE if post_id else EmbedKind.TEXT,
        post_id,
        author=(attribution.handle if attribution else None) or (handle_of(own.attributes.get("href") or "") if own else None),
        name=attribution.name if attribution else None,
        posted_at=date[0] if date else (attribution.posted_at if attribution else None),
        text=text,
    )


def _own_links(
    search: TweetSearch, box: LexborNode, limit: Position | None, loaders: Sequence[Position]
) -> tuple[list[tuple[LexborNode, str]], bool]:
    """The links to posts in a box, and whether the embed code's script, which follows the box, ended it before its element."""
    links = search.links(box, before=limit)
    number = bisect_right(loaders, search.piece.start_of(links[0][0])) if links and loaders else len(loaders)
    if number == len(loaders) or loaders[number] > search.piece.start_of(links[-1][0]):
        return links, False
    return search.links(box, before=loaders[number]), True


def _own_attribution(named: list[Attribution], *, closed: bool) -> Attribution | None:
    """The attribution of the box's own post: the last one; in a box that was never closed the first one that links to a post."""
    if not closed:
        return next((attribution for attribution in named if attribution.post_id), None)
    return named[-1] if named else None


def _box_text(marked: str, attribution: Attribution | None, link: str | None) -> str | None:
    """The post's words in a box, without the attribution; `link` is the text of the box's own link."""
    text = without_marks(marked[: attribution.start] if attribution else marked).strip()
    if attribution is None and text == link:
        return None  # nothing but the link: a date, or "Tweet may have been deleted"
    return text[:MAX_BOX_TEXT] or None


def _first_words(link: LexborNode) -> str:
    """A link's first words, where the rest of the page follows in it because it was never closed."""
    words = ""
    for node in link.traverse(include_text=True):
        if node.tag == "-text":
            words += (node.text_content or "")[:MAX_LINK_TEXT]
            if len(words) >= MAX_LINK_TEXT:
                break
    return words


def _url_in_text(text: str) -> str | None:
    found = POST_URL.search(text[:MAX_BOX_TEXT]) if may_name_post(text) else None
    return post_id_of(found.group()) if found else None


def _id_in_attributes(node: LexborNode) -> str | None:
    attributes = node.attributes
    for name in ID_ATTRIBUTES:
        if post_id := id_of_value(attributes.get(name)):
            return post_id
    return next((post_id for value in attributes.values() if (post_id := post_id_of(value or ""))), None)


# --- frames -----------------------------------------------------------------------------------------------------


def _frames(search: TweetSearch) -> Iterator[Appearance]:
    """iframes of the widget, of old video players, and of services that show a post by its address."""
    for element in tweet_elements(search.piece)[:MAX_EMBEDS]:
        if element.tag not in ("iframe", "amp-iframe"):
            continue
        for name, value in element.attributes.items():
            if (
                value
                and "/" in value
                and len(value) <= MAX_FRAME_ADDRESS
                and name not in ("srcdoc", "style", "title")
                and (post_id := _post_of_frame(value))
            ):
                yield search.appearance(element.node, EmbedKind.IFRAME, post_id, author=handle_of(unquote(value)))
                break


def _post_of_frame(value: str) -> str | None:
    text = value.strip()
    if "widget_iframe" in text or _FRAMED.search(text) is None or _BUTTON.search(unquote(unquote(text))):
        return None
    if direct := post_id_of(text):
        return direct
    if forum := _S9E.match(text):  # the page that XenForo's and phpBB's media extension frames
        return forum["id"]
    inner = POST_URL.search(unquote(unquote(text)))
    return (inner["id"] or inner["frame_id"]) if inner else None


# --- elements that name a post by its id ----------------------------------------------------------------------

MAX_STEPS = 12  # up from an element to what holds it
_LONG_NUMBER = re.compile(r"\d{15,20}", re.A)
_TWEET_CLASS = re.compile(r"tweet|twitter", re.I)  # tarteaucitron's `div.twitterembed-canvas`, and its like
_POST_NUMBER = re.compile(r"\d{5,20}")
_NOT_ITS_OWN = re.compile(r"QuoteTweet|timeline-Tweet")
_TEXT_CLASS = re.compile(r"(?:^|\s)(?:tweet-text|js-tweet-text|Tweet-text)(?:$|\s)")
_PLAYERS = (
    ScriptPlayer(CREATE_CALL, Pattern(rf"(?P<call>{CREATE_CALL}(?:Embed)?\(\s{{0,30}}[\"'](?P<id>\d{{5,20}})[\"'])", re.I)),
)


# `data-tweetid` is AMP's; sites use it for things of their own, so it counts on AMP's element and on frames only.
_WIDGET_IDS = tuple(name for name in ID_ATTRIBUTES if name != "data-tweetid")


def _by_id(search: TweetSearch) -> Iterator[Appearance]:
    """Elements that bear a post's id: the rendered widget, AMP, twitter.com's own pages."""
    ids: dict[int, str] = {}
    texts: list[tuple[Position, LexborNode]] | None = None
    for element in tweet_elements(search.piece)[:MAX_EMBEDS]:
        node, tag, attributes = element.node, element.tag, element.attributes
        post_id = None if tag in NO_EMBED_TAGS else _id_borne(element)
        if post_id is None:
            continue
        ids[node.mem_id] = post_id
        if _is_quoted(node, attributes, post_id, ids):
            continue
        if texts is None and tag == "div":
            texts = _texts_of_posts(search)
        words = _first_within(search, node, texts) if tag == "div" and texts else None
        yield search.appearance(
            node,
            _kind_of_tag(tag),
            post_id,
            author=attributes.get("data-screen-name"),
            name=attributes.get("data-name"),
            text=text_of(words) if words is not None else None,
        )


def _id_borne(element: TweetElement) -> str | None:
    tag, attributes = element.tag, element.attributes
    names = ID_ATTRIBUTES if tag in ("amp-twitter", "iframe") else _WIDGET_IDS
    for name in (*names, "status") if tag == EMBETTY else names:
        if name in attributes and (found := id_of_value(attributes[name])):
            return found
    if (
        _LONG_NUMBER.fullmatch(value := (attributes.get("data-tweetid") or "").strip())
        and _TWEET_CLASS.search(attributes.get("class") or "")
        and tag not in ("a", "button")
    ):
        return value
    number = (attributes.get(NUMBER_ATTRIBUTE) or "").strip()
    return number if _POST_NUMBER.fullmatch(number) else blackbird_id(attributes)


def _is_quoted(node: LexborNode, attributes: dict[str, str | None], post_id: str, ids: dict[int, str]) -> bool:
    """Whether an element is a post within another, or one of a timeline: the page embeds neither."""
    if _NOT_ITS_OWN.search(attributes.get("class") or ""):
        return True
    above = node.parent
    for _ in range(MAX_STEPS):
        if above is None:
            return False
        if ids.get(above.mem_id, post_id) != post_id or _NOT_ITS_OWN.search(above.attributes.get("class") or ""):
            return True
        above = above.parent
    return False


def _texts_of_posts(search: TweetSearch) -> list[tuple[Position, LexborNode]]:
    """The elements with the words of a post in the widget's DOM; found once, as those with ids may hold each other."""
    classed = (
        (node, value) for node, _, attributes in search.piece.elements if "weet-text" in (value := attributes.get("class") or "")
    )
    texts = (node for node, value in classed if _TEXT_CLASS.search(value))
    return [(search.piece.start_of(node), node) for node in islice(texts, MAX_EMBEDS)]


def _first_within(search: TweetSearch, node: LexborNode, texts: list[tuple[Position, LexborNode]]) -> LexborNode | None:
    number = bisect_right(texts, search.piece.start_of(node), key=itemgetter(0))
    return texts[number][1] if number < len(texts) and texts[number][0] <= search.piece.end_of(node) else None


def _made_by_script(search: TweetSearch) -> Iterator[Appearance]:
    """`twttr.widgets.createTweet("ID", element)`."""
    for number, (node, call) in enumerate(islice(played_in(search.piece, _PLAYERS), MAX_EMBEDS)):
        found = search.appearance(node, EmbedKind.SCRIPT, call["id"], html=call["call"] or "")
        yield search.within(found, number)


def _kind_of_tag(tag: str) -> EmbedKind:
    if tag.startswith("amp-"):
        return EmbedKind.AMP
    if tag in ("iframe", "twitterwidget", "twitter-widget"):
        return EmbedKind.IFRAME
    return EmbedKind.STATIC if tag in ("div", "li", "article", "section") else EmbedKind.PLACEHOLDER


# --- placeholders ---------------------------------------------------------------------------------------------

_NO_PLACEHOLDER = NO_EMBED_TAGS | {"iframe", "amp-iframe"}
_OWN_LINE_URL = re.compile(
    r"\s*+(?:\[(?:embed|tweet|twitter)[^\]]{0,300}\]\s*+)?(https?://[^\s\[]++)\s*+(?:\[/\w{1,20}\]\s*+)?$", re.I
)
SHORTCODES = ("[tw", "[blackbirdpie")
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
MAX_TRIES = 5  # offsets of one object at which a URL may be
_JSON_REACH = 3_000  # characters each way to the braces of the object around


def _placeholders(search: TweetSearch) -> Iterator[Appearance]:
    """Any element, but for links and the like, one of whose attributes is a post's address, or JSON about one.

    Consent banners and lazy loaders each have an attribute of their own.
    """
    seen: set[tuple[int, str]] = set()
    for candidate in islice(search.piece.candidates.frames.at((ANYWHERE,)), MAX_CANDIDATES):
        node, name = candidate.node, candidate.attribute
        card = name == "href"  # only of a link that becomes a card is it an attribute that embeds
        if (
            (node.tag in _NO_PLACEHOLDER and not card)
            or (node.mem_id, name) in seen
            or not (post_id := post_id_of(candidate.value))
        ):
            continue
        seen.add((node.mem_id, name))
        stated = (node.attributes.get(name) or "").strip(STRAY)
        if not stated.startswith(("{", "[")):
            yield search.appearance(node, EmbedKind.PLACEHOLDER, post_id, author=handle_of(candidate.value))
        elif (fields := _flat_fields(stated)) and candidate.value.replace("\\/", "/") in fields.values():
            yield _embed_of_fields(search, node, candidate.value, post_id, fields)


def _flat_fields(value: str) -> dict[str, str]:
    """The texts of a JSON object in an attribute; what lies deeper in it is somebody's settings."""
    try:
        fields = json_loads(value)
    except (ValueError, RecursionError):
        return {}
    return {key: field for key, field in fields.items() if isinstance(field, str)} if isinstance(fields, dict) else {}


def _embed_of_fields(search: TweetSearch, node: LexborNode, url: str, post_id: str, fields: dict[str, str]) -> Appearance:
    """Substack's `div.tweet[data-attrs]`, and others that keep what an oEmbed reply says in an attribute."""
    date = first_date(fields.get("date", "")) or first_date(fields.get("created_at", ""))
    return search.appearance(
        node,
        EmbedKind.PLACEHOLDER,
        post_id,
        author=fields.get("username") or fields.get("screen_name") or handle_of(url.replace("\\/", "/")),
        name=fields.get("name") or fields.get("author_name"),
        posted_at=date[0] if date else None,
        text=unescape(fields.get("full_text") or fields.get("text") or ""),
    )


# --- URLs that stand alone, in comments and in JSON ---------------------------------------------------------------


def _bare_urls(search: TweetSearch) -> Iterator[Appearance]:
    """A post's address alone on its line: what WordPress shows when it could not fetch the embed, as text or as a link."""
    for element in tweet_elements(search.piece) if hints_of(search.piece).status else ():
        if element.tag == "a":
            yield from _link_alone(search, element)
    root = search.piece.tree.body
    if root is None or not (_has_bare_url(search.piece) or _has_shortcode(search.piece)):
        return
    for node in root.traverse(include_text=True):
        text = (node.text_content or "") if node.tag == "-text" else ""
        parent = node.parent
        if (
            (may_name_post(text) or any(word in text for word in SHORTCODES))
            and parent is not None
            and parent.tag not in ("a", *UNREAD)
        ):
            yield from _lines_alone(search, parent, text)


def _has_shortcode(piece: Piece) -> bool:
    return any(_SHORTCODE.match(piece.html, at) for word in SHORTCODES for at in islice(piece.offsets(word), MAX_EMBEDS))


def _has_bare_url(piece: Piece) -> bool:
    """Whether a line or an element, other than a link, begins with a post's address."""
    markup = piece.html
    for at in hints_of(piece).status:
        start = max(0, at - 120)
        before = markup[start:at]
        cut = max(before.rfind(">"), before.rfind("\n"), before.rfind("]"))
        address = before[cut + 1 :].lstrip()
        if address[:4].lower() != "http" or '"' in address or " " in address:
            continue
        if before[cut : cut + 1] != ">" or not markup.startswith(("<a", "<A"), markup.rfind("<", 0, start + cut)):
            return True
    return False


def _link_alone(search: TweetSearch, link: TweetElement) -> Iterator[Appearance]:
    href = link.attributes.get("href") or ""
    text = (link.node.text(deep=True) or "").strip()
    if not text.startswith("http") or (post_id := post_id_of(href)) is None or post_id_of(text) != post_id:
        return
    block = block_of(link.node)
    if block.tag in ("p", "div", "figure") and shows_only(block, text):
        yield search.appearance(block, EmbedKind.LINK_CARD, post_id, author=handle_of(text))


def _lines_alone(search: TweetSearch, parent: LexborNode, text: str) -> Iterator[Appearance]:
    offset = 0
    kind = EmbedKind.OEMBED if "embed" in (parent.attributes.get("class") or "") else EmbedKind.LINK_CARD
    for line in text.splitlines(keepends=True):
        offset += len(line)
        alone, shortcode = _OWN_LINE_URL.match(line), _SHORTCODE.search(line)
        post_id = post_id_of(alone[1]) if alone else None
        if post_id is None and shortcode:
            post_id = id_of_value(shortcode["post"])
        if post_id:
            found = search.appearance(parent, kind, post_id, author=handle_of(line), html=escape(line.strip(), quote=False))
            yield search.within(found, offset)


def _in_comment(search: TweetSearch) -> Iterator[Appearance]:
    """`<!-- wp:embed {"url":"…","providerNameSlug":"twitter"} -->`, which WordPress's editor writes around an embed."""
    holder = search.piece.holder
    url = url_in_comment(search.piece.html)
    post_id = post_id_of(url)
    if holder is not None and post_id is not None:
        start = search.document.page.start_of(holder)
        html = search.piece.html[:MAX_HTML]
        embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.OEMBED, 0, author=handle_of(url), html=html)
        yield Appearance(embed, start, start, MarkupOrigin.COMMENT, holder)


def _in_json(search: TweetSearch) -> Iterator[Appearance]:
    """Objects in the page's JSON whose type is a tweet, for pages that build themselves in the browser."""
    for node in search.piece.tree.css("script"):
        text = node.text(deep=True) or ""
        if not may_name_post(text) and "weet" not in text and "witter" not in text:
            continue
        for kind in list(_JSON_POST.finditer(text))[:MAX_EMBEDS]:
            begin = text.rfind("{", max(0, kind.start() - _JSON_REACH), kind.start())
            begin = begin if begin >= 0 else kind.start()
            end = text.find("}", kind.end(), kind.end() + _JSON_REACH)
            around = text[begin : end if end > 0 else kind.end()].replace("\\/", "/")
            url = _url_in(around)
            bare = _JSON_TWEET_ID.search(around) or _JSON_ANY_ID.search(around)
            post_id = post_id_of(url.group()) if url else (bare[1] if bare else None)
            if post_id:
                start = (search.piece.start_of(node)[0], kind.start())
                embed = Embed(NAME, post_id, canonical(post_id), EmbedKind.SCRIPT, 0, handle_of(around), html=around[:MAX_HTML])
                yield Appearance(embed, start, start, MarkupOrigin.SCRIPT, node)


def _url_in(text: str) -> re.Match[str] | None:
    """The first address of a post; looked for around `/status` and `/article`, which are found in a hundredth of the time."""
    for word in ("/status", "/article"):
        for at in islice(offsets_of(text, word), MAX_TRIES):
            if found := POST_URL.search(text, max(0, at - _URL_REACH), at + _URL_REACH):
                return found
    return None
