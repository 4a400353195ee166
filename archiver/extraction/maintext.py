"""The main text of a page: the article's own words, without menus, teasers, captions and comments.

Resiliparse does the reading. Before it, the page is cut down to the element that holds the article's paragraphs, because its
heuristics alone keep what stands around the article: F1 0.92 over the labelled pages, against 0.97 with both steps. After it, a
few kinds of lines go that are never an author's words. `tests/labels/score.py` measures this.
"""

import re
from itertools import accumulate, islice

from resiliparse.extract.html2text import extract_plain_text
from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.extraction.metadata import JsonLd
from archiver.html.document import Document

MAX_HTML = 8 << 20  # characters; more than is decoded of a page, so that none is parsed a second time
MAX_TEXT = 2 << 20  # characters of main text
MAX_LAYERS = 200_000_000  # characters times the elements around them, which is what resiliparse takes 4 ns for
DEEPEST = 1_100  # elements within each other that a parsed page may have
MAX_TAGS = 40_000  # of an article; with as many different attributes resiliparse takes 0.2 s, and the square of that for more
MAX_DEPTH = 60  # ancestors of a paragraph that are looked at
SHORT_PARAGRAPH = 40  # characters; shorter ones are labels as often as text
ENOUGH = 200  # characters of paragraphs, below which a page has no article in `p` elements
SHARE = 0.9  # of the paragraphs' text that the article's element must hold; the rest may be teasers
SMALL = 0.25  # of the article's text: a box with an unwelcome name that holds more is the article itself

LINKED = 0.6  # of a list's text: above that it is a menu or a list of other pages

_UNORDERED = re.compile(r"<(/?)ul\b")
_TAG = re.compile(r"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)[a-z]")
_BESIDE = frozenset(("aside", "nav", "footer", "form", "figure"))
_DROPPED = "ul,script,style,noscript,template,svg,iframe,button,h1,nav,figcaption,aside,form,figure,[class],[id]"
_ALWAYS = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "button", "h1", "nav", "figcaption"))
# Whole words in class names and ids.
_BOX_NAMES = re.compile(
    r"(?:^|[\s_-])(?:captions?|credits?|related\w*|recommend\w*|newsletter\w*|subscri\w*|share|sharing|social\w*|promo\w*|"
    r"advert\w*|teasers?|by-?lines?|author-?(?:bio|box|info|card|about)|bio|comments?|comment-?list|respond|outbrain|taboola|breadcrumbs?|"
    r"read-?(?:more|next|also)|most-?read|trending|tag-?(?:list|s)|sign-?up|donat\w*|modal|pop-?up|tooltip|toolbar|poll|"
    r"sr-only|visually-?hidden|print-?only|gallery|slideshow)(?:$|[\s_-])",
    re.I,
)
# Boxes with paragraphs of their own, often more than the article has.
_APART_NAMES = re.compile(
    r"cookie|consent|onetrust|gdpr|(?:^|[\s_-])(?:modal|comments|comment-?list|respond|disqus_thread)(?:$|[\s_-])|"
    r"(?:^|\s)(?:sidebar|widget|widget-area|newsletter|related[\w-]*)(?:\s|$)",
    re.I,
)
# Lines that content systems put between paragraphs, in the languages of the crawled sites.
_FURNITURE = re.compile(
    r"(?:advertisement|anzeige|werbung|publicidad|pubblicità|publicité|annons|reklama|реклама)\b.{0,40}|"
    r"(?:read (?:more|next|also)|see also|related|related (?:stories|articles)|more on this|recommended|watch|share|print|"
    r"loading|lesen sie (?:auch|mehr)|mehr zum thema|lee también|leggi anche|lire aussi|läs också|czytaj (?:też|także)|"
    r"čtěte také|читайте (?:також|также)|подписывайтесь|підписуйтесь)\s*:?(?:\s.{0,120})?|"
    r"(?:copyright\b|©|\(c\) (?:19|20)\d\d|credit:|photo:|foto:|image:|images:|\[?featured image).{0,160}|"
    r"tweet may have been deleted.*|[\W\d_]*",
    re.I,
)


def main_text(html: str, url: str) -> str:
    """`main_text_of` for a text that nobody has parsed yet; what lies beyond MAX_HTML is not read."""
    return main_text_of(Document(url, html[:MAX_HTML]))


def main_text_of(document: Document) -> str:
    """The article's text, paragraphs on lines of their own; "" where there is none.

    Depends on nothing but its argument, whose tree it leaves as it is. Input is bounded by MAX_HTML, the result by MAX_TEXT.
    Takes about 0.8 ms for 100 KB, so it is meant for another process than the crawl's.
    """
    if len(document.html) > MAX_HTML:
        return main_text(document.html, document.url)
    tree = document.tree
    if tree.body is None:
        return ""
    scripts = [node.text() for node in tree.css("script[type*='ld+json']")] if '"articleBody"' in document.html else []
    article = _article(tree.body)
    text = _written(_lead(tree, article) + _read(_cleaned(article))) if article is not None else ""
    if len(text) < ENOUGH // 2:
        text = _written(_read(tree.body.html or ""))
    stated = JsonLd(scripts, document.url).article_body() if scripts else None
    if stated and len(stated) > 2 * len(text) and "<" not in stated:  # a script renders the page, or walled off
        text = "\n".join(line for line in (" ".join(line.split()) for line in stated.splitlines()) if line)
    return text[:MAX_TEXT]


def _written(lines: list[str]) -> str:
    return "\n".join(line for line in lines if not _FURNITURE.fullmatch(line))


def _read(markup: str) -> list[str]:
    """The lines of text that resiliparse finds in the markup of a body or of something within it."""
    text = extract_plain_text(
        f"<body>{_moderate(markup)}</body>",
        main_content=True,
        alt_texts=False,
        links=False,
        form_fields=False,
        noscript=False,
        comments=False,
        list_bullets=False,
    )
    return [words for line in text.splitlines() if (words := _single_spaced(line))]


def _moderate(markup: str) -> str:
    """The markup, well-formed as the parser wrote it; less of it where it nests or swarms a hundred times as much as pages do."""
    if len(markup) * DEEPEST <= MAX_LAYERS:
        return markup
    if (last := next(islice(_TAG.finditer(markup), MAX_TAGS, None), None)) is not None:
        markup = markup[: last.start()]
    depth = max(accumulate(-1 if tag[1] else 1 for tag in _TAG.finditer(markup)), default=1)
    return markup[: MAX_LAYERS // max(depth, 1)]


def _single_spaced(line: str) -> str:
    # Nearly all lines are so already, which takes a tenth of the time to see; no white space but the blank counts as printable.
    return line.strip() if line.isprintable() and "  " not in line else " ".join(line.split())


def _article(body: LexborNode) -> LexborNode | None:
    """The innermost element that holds SHARE of the text in paragraphs; None where paragraphs hold no article."""
    sizes: dict[int, int] = {}  # of the paragraphs in one parent, together, by its memory id: most share one
    parents: dict[int, LexborNode] = {}
    for paragraph in body.css("p"):
        parent = paragraph.parent
        if (size := len(paragraph.text())) >= SHORT_PARAGRAPH and parent is not None:
            key = parent.mem_id
            sizes[key] = sizes.get(key, 0) + size
            parents.setdefault(key, parent)
    holders = [(parent, sizes[key]) for key, parent in parents.items()]
    # Boxes are judged by their names first; where that leaves nothing, a name has been given to the whole page.
    return _holder(holders, by_name=True) or _holder(holders, by_name=False)


def _holder(parents: list[tuple[LexborNode, int]], by_name: bool) -> LexborNode | None:
    sizes: dict[int, tuple[LexborNode, int, int]] = {}
    apart: dict[int, bool] = {}
    total = 0
    for parent, size in parents:
        around = _around(parent, apart, by_name)
        if not around:
            continue
        total += size
        for height, node in enumerate(around):
            known = sizes.get(node.mem_id)
            sizes[node.mem_id] = (node, (known[1] if known else 0) + size, len(around) - height)
    enough = [(depth, node) for node, size, depth in sizes.values() if size >= SHARE * total >= SHARE * ENOUGH]
    return max(enough, key=lambda pair: pair[0])[1] if enough else None


def _around(parent: LexborNode, apart: dict[int, bool], by_name: bool) -> list[LexborNode] | None:
    """The elements around paragraphs, their parent first, without the body; None for what stands apart from the article.

    `apart` remembers that judgement for each element by its memory id.
    """
    found: list[LexborNode] = []
    current: LexborNode | None = parent
    while current is not None and current.tag != "body":
        key = current.mem_id
        if key not in apart:
            apart[key] = current.tag in _BESIDE or len(found) == MAX_DEPTH or (by_name and _is_named_apart(current))
        if apart[key]:
            return None
        found.append(current)
        current = current.parent
    return found


def _is_named_apart(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag == "header" or _APART_NAMES.search(names) is not None  # a standfirst in a header is found by `_lead`


def _lead(tree: LexborHTMLParser, article: LexborNode) -> list[str]:
    """The paragraphs between the headline and the element that holds the others: many sites put the standfirst there."""
    first = article.css_first("p,h2,h1")
    lead: list[str] | None = None
    for node in tree.css("h1,h2,p"):
        if first is not None and node.mem_id == first.mem_id:
            return lead or []
        if node.tag == "h1":
            lead = []
        elif lead is not None and len(lead) < 3:
            words = " ".join(node.text().split())
            if len(words) >= SHORT_PARAGRAPH and not _is_beside(node):
                lead.append(words)
    return []


def _is_beside(paragraph: LexborNode) -> bool:
    current = paragraph.parent
    while current is not None and current.tag != "body":
        if current.tag in _BESIDE:
            return True
        current = current.parent
    return False


def _cleaned(original: LexborNode) -> str:
    """The element's markup without the boxes within it that are not the author's text."""
    article = original.clone()  # a fifth of the time that it takes to parse the page once more
    size = max(len(article.text()), 1)
    doomed: dict[int, LexborNode] = {}
    for node in article.css(_DROPPED):
        if node.mem_id != article.mem_id and _is_box(node, size) and not _is_within(node, doomed):
            doomed[node.mem_id] = node
    for node in doomed.values():  # outermost only: lexbor frees a removed element together with what is in it
        node.decompose()
    for tweet in article.css("blockquote[class]"):
        del tweet.attrs["class"]  # else resiliparse takes an embedded post for a share button
    # Resiliparse takes an unordered list for a menu; those that are menus went with their boxes above.
    return _UNORDERED.sub(r"<\1ol", article.html or "")


def _is_within(node: LexborNode, doomed: dict[int, LexborNode]) -> bool:
    current: LexborNode | None = node
    while current is not None and current.tag != "body":
        if current.mem_id in doomed:
            return True
        current = current.parent
    return False


def _is_box(node: LexborNode, size: int) -> bool:
    if node.tag in _ALWAYS:
        return True
    if node.tag == "ul":
        words = len(node.text(strip=True))
        return sum(len(link.text(strip=True)) for link in node.css("a")) > LINKED * words and words < SMALL * size
    if node.tag in ("p", "blockquote", "article", "main"):
        return False
    if node.tag not in _BESIDE:
        attributes = node.attributes
        if not _BOX_NAMES.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return False
    return len(node.text()) < SMALL * size
