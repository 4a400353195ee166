"""Posts of Twitter / X as plain words: who wrote it, when, which text; also where a page kept the words and lost the markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.dates import first_date
from archiver.html.document import Piece
from archiver.html.raw_text import ScriptSpans
from archiver.html.text import UNREAD, block_of, text_of
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.search import MAX_EMBEDS, TweetSearch, boxes_of
from archiver.platforms.twitter.urls import POST_URL, post_id_of, short_link_ends, short_links_in

MAX_MARKUP = 4_000  # characters; around more than that the words themselves are kept, the block being half a page
MAX_BEFORE = 1_000  # characters that are taken from the paragraph before an attribution
MANY_HANDLES = 200  # that are looked at one by one
MAX_NAME = 110  # characters between the dash and the handle; Twitter allows 50, fonts made of two halves and emoji double it
MAX_EXCERPT = 700  # characters before an attribution that may be the post's words, where nothing else bounds them
DATE_WITHIN = 60  # characters after the handle
MARK_START, MARK_END = "\ue000", "\ue001"  # private use: around a post's id, behind the words that link to it

# `&mdash;` as embed codes have it, what editors turn it into, and its UTF-8 bytes read as windows-1252.
_DASH = re.compile(r"(?:â€[”“\"]|[—―]|(?:(?<=\s)|^)(?:–|--?|&mdash;|&#8212;)(?=\s))")
_LINE_DASH = re.compile(r"\n\s*(?P<dash>[—―–-])")
_HANDLE = re.compile(r"[(（]\s*[@＠](?P<handle>\w{1,20})\s*[)）]")
_DIRECTION = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARK = re.compile(f"{MARK_START}(\\d+){MARK_END}")


@dataclass(frozen=True, slots=True)
class Attribution:
    """`— Name (@handle) September 10, 2022`, found in a text."""

    start: int
    """Where the dash is (or, without one, the name)."""
    end: int
    handle: str
    name: str | None
    dashed: bool
    """Whether a dash leads the name."""
    posted_at: str | None
    """`2022-09-10`, the day."""
    post_id: str | None
    """From a link on or behind the date."""


def without_marks(text: str) -> str:
    """The text without the ids that stand between MARK_START and MARK_END."""
    return _MARK.sub("", text)


def plain(text: str) -> str:
    """The text without the characters that only set the direction of writing."""
    return _DIRECTION.sub("", text)


def attributions(text: str) -> Iterator[Attribution]:
    """All attributions in a text, in order. Behind links to posts their ids may stand, between MARK_START and MARK_END."""
    done = 0
    for found in _HANDLE.finditer(text):
        start, name, dashed = _name_before(text, done, found.start())
        posted_at, post_id, end = _date_after(text, found.end(), found["handle"])
        yield Attribution(start, end, found["handle"], name, dashed, posted_at, post_id)
        done = end


def _name_before(text: str, earliest: int, handle_at: int) -> tuple[int, str | None, bool]:
    """Where the attribution begins, the name, and whether a dash leads it."""
    earliest = max(earliest, handle_at - MAX_NAME)
    stretch = text[earliest:handle_at]
    dash = _leading_dash(stretch)
    begin = dash[1] if dash else stretch.rfind("\n") + 1
    name = " ".join(without_marks(stretch[begin:]).split())
    return earliest + (dash[0] if dash else begin), name or None, dash is not None


def _leading_dash(stretch: str) -> tuple[int, int] | None:
    """Where the dash before the name begins and ends: posts have dashes of their own, and so have names (`Ferry – Office`).

    What follows a short link or begins a line leads the name; else a long dash, the last one; else a short one.
    """
    code = short_link_ends(stretch) or 0
    after_code = _DASH.search(stretch, code) if code else None
    if after_code and not stretch[code : after_code.start()].strip(' \n.,)"”»'):
        return after_code.span()
    lines = [found.span("dash") for found in _LINE_DASH.finditer(stretch)]
    dashes = [found.span() for found in _DASH.finditer(stretch)]
    long = [span for span in dashes if stretch[span[0]] in "—―â"]
    leading = lines or long or dashes
    return leading[-1] if leading else None


def _date_after(text: str, at: int, handle: str) -> tuple[str | None, str | None, int]:
    """The date behind a handle, the id of the post that it links to, and where all that ends."""
    stretch = text[at : at + 400]
    limit = stretch.find("(@")
    stretch = stretch if limit < 0 else stretch[:limit]
    day = first_date(without_marks(stretch)[:DATE_WITHIN])
    mark, url = _MARK.search(stretch), POST_URL.search(stretch)
    end, post_id = (at if day is None else at + day[2] + _marks_length(stretch, day[2])), None
    if mark and mark.start() <= DATE_WITHIN + 20:
        post_id, end = mark[1], max(end, at + mark.end())
    elif url and url.start() <= DATE_WITHIN + 30 and (url["handle"] or handle).lower() == handle.lower():
        post_id = post_id_of(url.group())
        end = at + url.end() + len(re.match(r"[^\s>)\]]*[>)\]]?", stretch[url.end() :]).group())  # type: ignore[union-attr]
    return (day[0] if day else None), post_id, end


def _marks_length(stretch: str, upto: int) -> int:
    mark = _MARK.search(stretch)
    return len(mark.group()) if mark and mark.start() < upto else 0


@dataclass(frozen=True, slots=True)
class LostPost:
    """A post that stands in a text without markup of its own."""

    text: str
    attribution: Attribution
    offset: int
    """Where its attribution begins."""
    whole: str
    """Text, attribution and date as they stand there."""


def posts_in(text: str) -> Iterator[LostPost]:
    """The posts whose words, attribution and date stand in a text: excerpts, tag pages, plain-text copies, old mail.

    An attribution counts with a dash before the name and a date, a short link or a linked post; or, without the dash, with a date
    and a short link that ends the words. So `Jane Doe (@jane) is our editor` is none.
    """
    done = 0
    for attribution in attributions(text):
        words = _words_before(text, done, attribution.start)
        ends_in_code = _ends_in_short_link(words)
        if attribution.dashed:
            is_post = attribution.posted_at is not None or ends_in_code or attribution.post_id is not None
        else:
            is_post = ends_in_code and attribution.posted_at is not None
        if is_post:
            credit = without_marks(text[attribution.start : attribution.end]).strip()
            yield LostPost(words, attribution, attribution.start, f"{words} {credit}".strip())
            done = attribution.end


def _words_before(text: str, earliest: int, until: int) -> str:
    stretch = text[max(earliest, until - MAX_EXCERPT) : until]
    if until - MAX_EXCERPT > earliest:
        stretch = stretch.split(" ", 1)[-1]
    paragraphs = [paragraph for paragraph in without_marks(stretch).split("\n\n") if paragraph.strip()]
    return paragraphs[-1].strip() if paragraphs else ""


def _ends_in_short_link(words: str) -> bool:
    end = short_link_ends(words)
    return end is not None and len(words) - end <= 8  # a bracket, a quotation mark, a full stop


# --- posts that lost their markup ------------------------------------------------------------------------------

LINKED_HANDLE, PLAIN_HANDLE = ">@", "(@"
KEYWORDS = (LINKED_HANDLE, PLAIN_HANDLE)
"""What stands before the handle in every attribution."""

_PLAIN_HANDLE = re.compile(r"\(@\w{1,20}\)")
_LINKED_HANDLE = re.compile(r"\(\s{0,20}(?:<[^<>]{0,300}>\s{0,20}){1,8}@\w")


def in_words(search: TweetSearch) -> Iterator[Appearance]:
    """Posts whose text, attribution and date stand in the page's text; at most MAX_EMBEDS of them."""
    return islice(_in_words(search), MAX_EMBEDS)


def _in_words(search: TweetSearch) -> Iterator[Appearance]:
    root = search.piece.tree.body
    if root is None or not _may_attribute(search.piece):
        return
    seen: set[int] = set()
    boxes = boxes_of(search.piece)
    for node in root.traverse(include_text=True):
        if node.tag != "-text" or ("@" not in (text := node.text_content or "") and "＠" not in text):
            continue
        block = block_of(node)
        if block.mem_id in seen or (node.parent is not None and node.parent.tag in UNREAD):
            continue
        seen.add(block.mem_id)
        if boxes and _within(block, boxes):
            continue
        marks = {a.mem_id: f"{MARK_START}{post_id}{MARK_END}" for a, post_id in search.links(block)}
        html = search.piece.markup_of(block)
        for words in posts_in(plain(text_of(block, marks, own=True))):
            yield _appearance_of(search, block, words, html if len(html) <= MAX_MARKUP else escape(words.whole, quote=False))


def _within(node: LexborNode | None, boxes: frozenset[int]) -> bool:
    for _ in range(6):
        if node is None or node.mem_id in boxes:
            return node is not None
        node = node.parent
    return False


def _may_attribute(piece: Piece) -> bool:
    """Whether there is an attribution outside of boxes and scripts: the walk over all text costs more than anything else."""
    markup = piece.html
    if any(_LINKED_HANDLE.search(markup, max(0, at - 400), at + 3) for at in piece.offsets(LINKED_HANDLE)):
        return True
    scripts = ScriptSpans(markup)
    plain = (at for at in piece.offsets(PLAIN_HANDLE) if _PLAIN_HANDLE.match(markup, at))
    handles = list(islice(plain, MANY_HANDLES))
    return len(handles) == MANY_HANDLES or any(not _in_box(markup, at) and not scripts.contain(at) for at in handles)


def _in_box(markup: str, at: int) -> bool:
    """Whether a tweet's own blockquote is still open there. Style sheets and scripts name its class as well."""
    start = max(0, at - MAX_MARKUP)
    box = markup.rfind("<blockquote", start, at)
    return box > markup.rfind("</blockquote", start, at) and markup.find("twitter-tweet", box, markup.find(">", box)) >= 0


def _appearance_of(search: TweetSearch, block: LexborNode, words: LostPost, html: str) -> Appearance:
    attribution, text = words.attribution, words.text
    if not text and (before := _text_before(block)):
        text = plain(before)[-MAX_BEFORE:]
        html = escape(f"{text} — {attribution.name or ''} (@{attribution.handle})", quote=False)
    found = search.appearance(
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
    return search.within(replace(found, embed=embed), words.offset)


def _text_before(block: LexborNode) -> str | None:
    """The paragraph before: WordPress gives the attribution one of its own."""
    before = block.prev
    while before is not None and ((before.tag or "-") == "-comment" or not (before.text(deep=True) or "").strip()):
        before = before.prev
    if before is None or before.tag not in ("p", "div", "blockquote", "-text"):
        return None
    return text_of(before)
