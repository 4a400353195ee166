"""Posts of Twitter / X whose words a page kept and whose markup it lost."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.document import Piece
from archiver.html.scripts import Scripts
from archiver.html.text import UNREAD, block_of, text_of
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.look import MAX_EMBEDS, Look, boxes_of
from archiver.platforms.twitter.text import MARK_END, MARK_START, Words, plain, posts_in
from archiver.platforms.twitter.urls import short_links_in

MAX_MARKUP = 4_000  # characters; around more than that the words themselves are kept, the block being half a page
MAX_BEFORE = 1_000  # characters that are taken from the paragraph before an attribution

LINKED, PLAIN = ">@", "(@"
WORDS = (LINKED, PLAIN)
"""What stands before the handle in every attribution."""
MANY_HANDLES = 200  # that are looked at one by one

_PLAIN_HANDLE = re.compile(r"\(@\w{1,20}\)")
_LINKED_HANDLE = re.compile(r"\(\s{0,20}(?:<[^<>]{0,300}>\s{0,20}){1,8}@\w")


def in_words(look: Look) -> Iterator[Appearance]:
    """Posts whose text, attribution and date stand in the page's text; at most MAX_EMBEDS of them."""
    return islice(_in_words(look), MAX_EMBEDS)


def _in_words(look: Look) -> Iterator[Appearance]:
    root = look.piece.tree.body
    if root is None or not _may_attribute(look.piece):
        return
    seen: set[int] = set()
    boxes = boxes_of(look.piece)
    for node in root.traverse(include_text=True):
        if node.tag != "-text" or ("@" not in (text := node.text_content or "") and "＠" not in text):
            continue
        block = block_of(node)
        if block.mem_id in seen or (node.parent is not None and node.parent.tag in UNREAD):
            continue
        seen.add(block.mem_id)
        if boxes and _within(block, boxes):
            continue
        marks = {a.mem_id: f"{MARK_START}{post_id}{MARK_END}" for a, post_id in look.links(block)}
        html = look.piece.markup_of(block)
        for words in posts_in(plain(text_of(block, marks, own=True))):
            yield _told(look, block, words, html if len(html) <= MAX_MARKUP else escape(words.whole, quote=False))


def _within(node: LexborNode | None, boxes: frozenset[int]) -> bool:
    for _ in range(6):
        if node is None or node.mem_id in boxes:
            return node is not None
        node = node.parent
    return False


def _may_attribute(piece: Piece) -> bool:
    """Whether there is an attribution outside of boxes and scripts: the walk over all text is the dearest of all."""
    markup = piece.html
    if any(_LINKED_HANDLE.search(markup, max(0, at - 400), at + 3) for at in piece.places(LINKED)):
        return True
    scripts = Scripts(markup)
    plain = (at for at in piece.places(PLAIN) if _PLAIN_HANDLE.match(markup, at))
    handles = list(islice(plain, MANY_HANDLES))
    return len(handles) == MANY_HANDLES or any(not _in_box(markup, at) and not scripts.hold(at) for at in handles)


def _in_box(markup: str, at: int) -> bool:
    """Whether a tweet's own blockquote is still open there. Style sheets and scripts name its class as well."""
    start = max(0, at - MAX_MARKUP)
    box = markup.rfind("<blockquote", start, at)
    return box > markup.rfind("</blockquote", start, at) and markup.find("twitter-tweet", box, markup.find(">", box)) >= 0


def _told(look: Look, block: LexborNode, words: Words, html: str) -> Appearance:
    attribution, text = words.attribution, words.text
    if not text and (before := _text_before(block)):
        text = plain(before)[-MAX_BEFORE:]
        html = escape(f"{text} — {attribution.name or ''} (@{attribution.handle})", quote=False)
    found = look.appearance(
        block,
        EmbedKind.STATIC if attribution.post_id else EmbedKind.TEXT,
        attribution.post_id,
        author=attribution.handle,
        name=attribution.name,
        posted_at=attribution.posted_at,
        text=text,
        html=html,
    )
    # Several may stand in one block, and the links of all of them are in its markup.
    embed = replace(found.embed, short_links=short_links_in(text))
    return look.within(replace(found, embed=embed), words.offset)


def _text_before(block: LexborNode) -> str | None:
    """The paragraph before: WordPress gives the attribution one of its own."""
    before = block.prev
    while before is not None and ((before.tag or "-") == "-comment" or not (before.text(deep=True) or "").strip()):
        before = before.prev
    if before is None or before.tag not in ("p", "div", "blockquote", "-text"):
        return None
    return text_of(before)
