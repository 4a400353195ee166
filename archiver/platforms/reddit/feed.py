"""A thread's feed at Reddit: `/comments/ID/.rss`, Atom (RFC 4287). Its first entry is the post, the others are comments.

It still answers strangers, about ten requests a minute (sharextract#26, only-cli/oc#53, 2026-09). It has some comments only, so
that one that is not in it may well be there; of a gallery or a video it has a small picture.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.document import Document
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.reddit.listing import BLANKED, handle_in, refusal_in
from archiver.platforms.replies import distinct_media, media_ref, object_in, time_of_text

FEED = Pattern(r"https://www\.reddit\.com/comments/\w+(?:/_/\w+)?/\.rss(?:$|[?#])")
MAX_ENTRIES = 500  # read in search of a comment; feeds have 25, or up to 100
MAX_CONTENT = 200_000  # characters of HTML; a post has up to 40,000
MAX_FIELD = 2_000  # characters of a title or name
MAX_LINKS = 100
_PICTURE = Pattern(r"https?://(?:i|preview|external-preview)\.redd\.it/[^/?#\s]+\.(?:jpe?g|png|gif|webp)(?:$|[?#])", re.I)
_OWN_PICTURE = Pattern(
    r"https?://(?:i\.redd\.it|preview\.redd\.it|i\.imgur\.com)/[^/?#\s]+\.(?:jpe?g|png|gif|webp)(?:$|[?#])", re.I
)
_BASE = "https://www.reddit.com/"
_NOT_IN_XML = dict.fromkeys(code for code in (*range(32), 0xFFFE, 0xFFFF) if code not in (9, 10, 13))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, its texts as they stand there; "" for what it does not have."""

    id: str
    """`t3_ID` of a post, `t1_ID` of a comment."""
    author: str
    title: str
    time: str
    """When it was published; of a comment when it was last changed, where nothing else stands."""
    html: str
    thumbnail: str


def feed_url(page: str) -> str:
    """Where a post's or comment's feed is, by its canonical URL."""
    return f"{page}/.rss"


def read_feed(platform: Platform, post_id: str, status: int, body: bytes) -> Findings:
    """A statement about the requested post or comment; nothing where it is not in the feed."""
    if status in (403, 404, 410):
        reply = object_in(body)
        state = refusal_in(status, reply) if reply is not None else PostState.NOT_FOUND if status != 403 else None
        return Findings(statements=(Statement(platform.name, post_id, Source.API, state),)) if state else Findings()
    if status != 200:
        return Findings()
    post, _, comment = post_id.partition("/")
    wanted = f"t1_{comment}" if comment else f"t3_{post}"
    entry = next((entry for entry in _entries(body) if entry.id == wanted), None)
    return Findings(statements=(_statement(platform, post_id, entry),)) if entry is not None else Findings()


def _entries(body: bytes) -> Iterator[Entry]:
    """Those before the first mistake: behind one a lenient parser leaves out all `&lt;`, and so says what nobody wrote.

    Entities are not expanded, nothing is fetched, and an entry is dropped when it is read.
    """
    clean = body.decode("utf-8", "replace").translate(_NOT_IN_XML).encode("utf-8", "replace")
    elements = etree.iterparse(
        io.BytesIO(clean), events=("end",), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    count = 0
    try:
        for _, element in elements:
            if _name(element) != "entry":
                continue
            yield _entry(element)
            count += 1
            if count >= MAX_ENTRIES:
                return
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        return  # broken off, or not XML: what came before stands


def _entry(element: etree._Element) -> Entry:
    texts: dict[str, str] = {}
    thumbnail = ""
    for child in element:
        name = _name(child)
        if name == "thumbnail":
            thumbnail = thumbnail or child.get("url") or ""
        elif name == "author":
            texts.setdefault(name, next((one.text or "" for one in child if _name(one) == "name"), ""))
        else:
            texts.setdefault(name, child.text or "")
    title, author, name = (texts.get(key, "").strip()[:MAX_FIELD] for key in ("title", "author", "id"))
    time = (texts.get("published") or texts.get("updated") or "").strip()[:MAX_FIELD]
    return Entry(name, author, title, time, texts.get("content", "")[:MAX_CONTENT], thumbnail[:MAX_FIELD])


def _name(element: etree._Element) -> str:
    """Without its namespace; "" for comments, entities and processing instructions."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _statement(platform: Platform, post_id: str, entry: Entry) -> Statement:
    tree = Document(_BASE, entry.html).tree
    words = tree.css_first(".md")
    body = text_of(words) if words is not None else ""
    title = "" if "/" in post_id else entry.title  # of a comment it is "/u/NAME on TITLE"
    blanked = BLANKED.get(body) or BLANKED.get(title)
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=blanked or PostState.LIVE,
        author=handle_in(entry.author.removeprefix("/u/")),
        text="\n\n".join(text for text in (title, body) if text and text not in BLANKED) or None,
        posted_at=time_of_text(entry.time),
        media=_media(platform, tree, words, entry),
    )


def _media(platform: Platform, tree: LexborHTMLParser, words: LexborNode | None, entry: Entry) -> tuple[MediaRef, ...]:
    """The picture that a post is made of, those among its words, and the small one of what it shows otherwise."""
    found: dict[str, MediaRef] = {}
    links = [link.attributes.get("href") or "" for link in tree.css("a[href]")[:MAX_LINKS] if text_of(link) == "[link]"]
    links += [link.attributes.get("href") or "" for link in words.css("a[href]")[:MAX_LINKS]] if words is not None else []
    shown = [image.attributes.get("src") or "" for image in tree.css("img[src]")[:MAX_LINKS]]
    for addresses, form, kind in (
        (links, _OWN_PICTURE, MediaKind.PICTURE),
        ([*shown, entry.thumbnail], _PICTURE, MediaKind.POSTER),
    ):
        for address in addresses:
            ref = media_ref(_BASE, address, platform.media_key(address), kind) if form.match(address) else None
            if ref is not None:
                found.setdefault(ref.key, ref)
    return distinct_media(found.values())
