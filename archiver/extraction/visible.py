"""What a page shows of itself: the headline, the byline, the date beside it."""

import re
from collections.abc import Sequence
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.extraction.dates import WEB_BEGINS, read_date
from archiver.extraction.layout import is_aside
from archiver.text import one_line

MAX_CANDIDATES = 60  # elements looked at for one question
MAX_BYLINE = 200  # characters; a longer "byline" is a biography
MAX_SUFFIXES = 3  # `Headline | Article | Section | Site`
HEADER_WORDS = 300  # characters of text around the headline in which a bare date is looked for

DATE_SELECTOR = ("[class*=date i],[class*=byline i],[class*=publish i],[class*=posted i],[class*=timestamp i],[class*=meta i],"
                 "[class*=author i],[id*=date i]")  # fmt: skip
_PUBLISHED_CLASS = re.compile(r"publish|pubdate|entry-date|posted|post-?date|created|dateline", re.I)
_MODIFIED_CLASS = re.compile(r"modif|updat", re.I)
# A headline and what may be a section or the site: after a bar, or after a dash with a capital letter.
_SUFFIX = re.compile(r"(.*\S)(?:\s*[|»«]\s*|\s+[·•‹›~/]+\s+|\s+[:–—-]+\s+(?=[^\W\d_a-zа-яєіїґ]))(\S.*)", re.S)
_WORD = re.compile(r"\w+")
_SEPARATORS = ("|", "–", "—", "·", "•", "»", "-")  # before a site's name in the window's title

_BY = re.compile(
    r"^(?:\W*\b(?:by|von|par|por|di|da|av|af|door|przez|autor(?:in|zy|a)?|author|text|texto|testo|written by|posted by|"
    r"reported by|автор|авторка|від|от|текст)\b(?:\s*:)?\s+)+",
    re.I,
)
_NAMED = re.compile(r"(?:author|byline)[\w-]*?(?:name|link|anchor)|(?:^|\s)(?:p-author|fn)(?:\s|$)", re.I)
_SENTENCE = re.compile(r"\b(?:is|was|are|ist|es|est)\b")  # `Jane Doe is an editor at …`: a biography
_IN_HEADER = re.compile(r"(?:by|von|par|por|di|автор|від)\s*:?\s+(\S.{1,60})", re.I)
# A byline goes on with a date, a role in a box of its own, a handle, a share button.
_BYLINE_END = re.compile(
    r"\s+[^\W\d_]{3,12}\.? \d{1,2}, \d{4}.*$|"
    r"\s*(?:[|•·@/(\[]|\s[–—-]\s|\b\d|\b(?:on|am|updated|published|follow|twitter|facebook|posted)\b).*$",
    re.I | re.S,
)


def headline(headings: Sequence[str], stated: Sequence[str], document_title: str | None, site_name: str | None) -> str | None:
    """The page's title, without the site's name.

    `headings` are the h1 texts in document order, `stated` what JSON-LD and meta tags say. A heading that agrees with one of
    those, or with the window's title, is what readers see as the title; search-engine titles often differ from it.
    """
    usable = [heading for heading in headings if not is_site(heading, site_name, document_title)]
    titles = [title for title in (*stated, document_title) if title]
    agreeing = [(max((_likeness(heading, title) for title in titles), default=0.0), heading) for heading in usable]
    best = max(agreeing, key=lambda pair: pair[0], default=(0.0, None))
    if best[0] >= 0.5:
        return best[1]
    if len(usable) == 1 and (not stated or len(_WORD.findall(usable[0])) >= 4):
        return usable[0]
    chosen = next(iter(stated), None) or document_title
    return without_site(chosen, site_name) if chosen else (usable[0] if usable else None)


def without_site(title: str, site_name: str | None) -> str:
    """`Headline | Section | Site` without what follows the headline, where that is known to be the site, or is short."""
    if site_name:
        place = title.casefold().rfind(site_name.casefold())
        head = title[:place].rstrip(" |–—:·•»«‹›~/-\u00a0") if place > 0 else ""
        if head and place + len(site_name) + 25 > len(title):
            title = head
    for _ in range(MAX_SUFFIXES):
        match = _SUFFIX.fullmatch(title)
        if match is None or len(match[2].split()) > 4 or len(match[1]) < 1.5 * len(match[2]):
            break
        title = match[1]
    return title


def byline(nodes: Sequence[LexborNode], site_name: str | None) -> tuple[str, ...]:
    """The authors named in elements whose markup says so (`rel=author`, `itemprop=author`, `.author`, `.byline`)."""
    by_rank: dict[int, list[LexborNode]] = {}
    for node in nodes[:MAX_CANDIDATES]:
        attributes = node.attributes
        rank = _byline_rank(attributes, attributes.get("class") or "")
        if rank is not None and node.tag not in ("body", "html", "form", "img", "svg", "meta", "link"):
            by_rank.setdefault(rank, []).append(node)
    for rank in sorted(by_rank):
        named = ((_named_in(node, rank), node) for node in by_rank[rank])
        if names := [name for name, node in named if name and name != site_name and not is_aside(node)]:
            return tuple(dict.fromkeys(names))[:5]
    return ()


def _named_in(node: LexborNode, rank: int) -> str | None:
    inner = node.css_first("[itemprop=name]") if rank == 0 else None
    stated = (inner.attributes.get("content") or inner.attributes.get("value")) if inner is not None else None
    return author_name(one_line(stated or node.text(separator=" "), MAX_BYLINE + 1))


def _byline_rank(attributes: dict[str, str | None], names: str) -> int | None:
    if "author" in (attributes.get("itemprop") or ""):
        return 0
    if "author" in (attributes.get("rel") or ""):
        return 1
    if _NAMED.search(names):
        return 2
    if re.search(r"(?:^|[\s_-])(?:byline|author)(?:[\s_]|$)|by-author", names, re.I):
        return 3
    return 4 if "byline" in names.lower() else None


def author_in_header(heading: LexborNode | None) -> str | None:
    """A name behind "By" in an element of its own near the headline, where no markup says that it is the author's."""
    box = _header(heading) if heading is not None else None
    for node in box.css("p,div,span,address")[:MAX_CANDIDATES] if box is not None else ():
        match = _IN_HEADER.fullmatch(one_line(node.text(separator=" "), MAX_BYLINE) or "")
        if match and (name := author_name(match[1])):
            return name
    return None


def author_name(text: str | None) -> str | None:
    """The name in `By Jane Doe | 5 May 2012`; None where there is none. An all-capital name is left as it is."""
    if not text or len(text) > MAX_BYLINE or "://" in text:
        return None
    name = _BYLINE_END.sub("", _BY.sub("", text)).strip(" ,.;:|-–—\u00a0")
    plausible = 2 <= len(name) <= 80 and len(name.split()) <= 9 and any(letter.isalpha() for letter in name)
    return name if plausible and not _SENTENCE.search(name) else None


def stated_times(times: Sequence[LexborNode], after: int, order: dict[int, int]) -> tuple[list[str], list[str]]:
    """(published, modified) as `time` elements write them, best first. `after` is the headline's place in `order`."""
    published: list[tuple[int, int, str]] = []
    modified: list[str] = []
    for node in times[:MAX_CANDIDATES]:
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''} {attributes.get('property') or ''}"
        stated = attributes.get("datetime") or attributes.get("content") or one_line(node.text(), MAX_BYLINE)
        if not stated or is_aside(node):
            continue
        place = order.get(node.mem_id, 0)
        if _MODIFIED_CLASS.search(names) and not _PUBLISHED_CLASS.search(names):
            modified.append(stated)
            continue
        rank = 0 if "datePublished" in names else 1 if _PUBLISHED_CLASS.search(names) else 2 if attributes.get("datetime") else 3
        published.append((rank, abs(place - after) + (50 if place < after else 0), stated))
    return [stated for _, _, stated in sorted(published)], modified


def visible_date(tree: LexborHTMLParser, heading: LexborNode | None, captured_at: datetime, month_first: bool) -> str | None:
    """A date in words: in an element whose class promises one, or among the words around the headline."""
    for node in tree.css(DATE_SELECTOR)[:MAX_CANDIDATES]:
        text = one_line(node.text(separator=" "), MAX_BYLINE + 1) if node.tag not in ("body", "html", "script") else None
        if text and len(text) <= MAX_BYLINE and not is_aside(node):
            found = read_date(text, captured_at, month_first=month_first, earliest=WEB_BEGINS)
            if found:
                return found
    box = _header(heading) if heading is not None else None
    around = one_line(box.text(separator=" ")[: 4 * HEADER_WORDS], HEADER_WORDS) if box is not None else None
    return read_date(around, captured_at, month_first=month_first, earliest=WEB_BEGINS)


def _header(heading: LexborNode) -> LexborNode | None:
    """The largest box around the headline that still is a header: two levels up, or more while it holds few words."""
    box = heading.parent
    for level in range(6):
        above = box.parent if box is not None else None
        if above is None or above.tag in ("body", "html") or (level > 0 and len(above.text()) > 4 * HEADER_WORDS):
            break
        box = above
    return box


def is_site(heading: str, site_name: str | None, document_title: str | None) -> bool:
    """Whether a heading is the site's name: as the page states it, or as it ends the window's title."""
    folded = heading.casefold()
    if site_name and folded == site_name.casefold():
        return True
    title = (document_title or "").casefold()
    place = title.rfind(folded)
    if place <= 0 or len(heading.split()) > 5 or not title[:place].rstrip().endswith(_SEPARATORS):
        return False
    return _WORD.search(title, place + len(folded)) is None


def _likeness(one: str, other: str) -> float:
    """The share of words in common, 0 to 1, of the smaller text, if that is not much smaller."""
    if one == other:
        return 1.0 if _WORD.search(one) else 0.0
    first, second = set(_WORD.findall(one.casefold())), set(_WORD.findall(other.casefold()))
    if not first or not second:
        return 0.0
    common = len(first & second)
    return (
        common / min(len(first), len(second))
        if min(len(first), len(second)) * 3 >= max(len(first), len(second))
        else common / len(first | second)
    )
