"""What an editor embedded and no platform here claims: WordPress's and Ghost's figures, and posts of other WordPress sites.

A reader of last resort: it names what it finds by its address, and `extraction.embeds` drops what another platform knows better.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from archiver.errors import BadUrl
from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece, Position
from archiver.html.embed_candidates import ANYWHERE
from archiver.html.embed_forms import url_in_comment
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, PostState
from archiver.platforms.base import Appearance, Door, Example, PostRequest
from archiver.platforms.declared import MAX_READ, MAX_TEXT, Declared, EmbedContent
from archiver.platforms.public_pages import page_door, page_request, read_public_page
from archiver.platforms.replies import object_in, read_oembed_of
from archiver.urls import checked, host_of, query_value, url_key, without_wayback

MAX_ID = 1_000  # characters
MAX_FIGURES = 1_000  # of one piece of a page

# What editors wrap around whatever an oEmbed provider gave them: WordPress since 5.0, Ghost since 2.0 (both of 2018), Medium.
_FIGURES = ".wp-block-embed, .kg-embed-card, .graf--iframe"
_FIGURE_SIGNS = ("wp-block-embed", "kg-embed-card", "graf--iframe")
# A post of another WordPress site, from WordPress 4.4 (2015) on: the quote shows until its frame has reported its height.
_QUOTED = "blockquote.wp-embedded-content, iframe.wp-embedded-content"
_QUOTED_CLASS = ".wp-embedded-content"
_FRAME_ATTRIBUTES = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-cfsrc", "data-url")
_FRAME_OF_POST = Pattern(r"(?:/embed/?|[?&]embed=(?:true|1))(?=$|[?#&])")
_URL_ALONE = Pattern(r"\s*(https?://[^\s<>\"']{4,2000})\s*")
# `format=json` first, as nobody else writes it: a reply that a page's own <link> led to is not one that we requested.
_ENDPOINT = "https://{host}/wp-json/oembed/1.0/embed?format=json&url={url}"
_REPLY = Pattern(r"https?://[^/?#]+/wp-json/oembed/1\.0/embed\?format=json&url=", re.I)
_NO_SUCH_POST = "oembed_invalid_url"  # WordPress's error code, with a 404; a site without the endpoint has `rest_no_route`


class OEmbed(Declared):
    """Ids are the keys of the posts' own pages: `blog.example/2020/a-post`."""

    name = "oembed"
    title = "Other embeds"
    doors = (
        Door("oembed", "2026", "WordPress's own program, since version 4.4 (2015)"),
        page_door(
            "2026",
            "ogp.me, schema.org: what most sites' programs write into a page",
            "says when a page was published; asks each site for the whole page, whatever it runs",
        ),
    )
    own_keywords = (*_FIGURE_SIGNS, _QUOTED_CLASS[1:])
    hosts = (ANYWHERE,)
    asks_any_host = True
    last_resort = True
    shows_words = False
    urls: ClassVar[tuple[Pattern, ...]] = ()
    canonical = "https://{id}"
    examples = (
        Example(
            '<figure class="wp-block-embed is-type-rich is-provider-boats"><div class="wp-block-embed__wrapper">'
            '<iframe title="A boat" src="https://player.boats.example/embed/77" width="500"></iframe></div></figure>',
            ("player.boats.example/embed/77",),
        ),
        Example(
            '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://boats.example/show/77\n</div></figure>',
            ("boats.example/show/77",),
        ),
        Example(
            '<figure class="kg-card kg-embed-card"><iframe data-src="https://player.boats.example/embed/77"></iframe></figure>',
            ("player.boats.example/embed/77",),
        ),
        Example(
            '<blockquote class="wp-embedded-content" data-secret="aB3"><a href="https://www.blog.example/2020/a-post/">A post</a>'
            '</blockquote><iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted" data-secret="aB3"'
            ' src="https://www.blog.example/2020/a-post/embed/#?secret=aB3#?secret=aB3"></iframe>',
            ("blog.example/2020/a-post",),
        ),
        Example(
            '<blockquote class="wp-embedded-content"><p><a href="http://blog.example/?p=12">A post</a></p></blockquote>',
            ("blog.example?p=12",),
        ),
        Example(
            '<figure class="wp-block-embed is-type-wp-embed"><div class="wp-block-embed__wrapper"><blockquote class="wp-embedded'
            '-content"><a href="https://blog.example/a/">A</a></blockquote><iframe class="wp-embedded-content"'
            ' src="https://blog.example/a/embed/#?secret=aB3"></iframe></div></figure>',
            ("blog.example/a",),
        ),
        Example(
            '<!-- wp:embed {"url":"https://boats.example/show/77","type":"rich"} --><figure class="wp-block-embed"><div>'
            '<iframe src="https://player.boats.example/embed/77"></iframe></div></figure><!-- /wp:embed -->',
            ("boats.example/show/77",),
        ),
        Example(
            '<figure class="graf graf--figure graf--iframe"><iframe src="https://medium.com/media/0a1b2c3d4e5f"></iframe></figure>',
            ("medium.com/media/0a1b2c3d4e5f",),
        ),
        Example('<figure class="wp-block-image"><a href="https://boats.example/show/77">A boat</a></figure>'),
        Example('<iframe src="https://ads.example/frame?slot=77"></iframe>'),
        Example('<figure class="wp-block-embed"><figcaption>See https://boats.example/ for more</figcaption></figure>'),
        Example('<blockquote class="wp-block-quote"><a href="https://boats.example/show/77">A boat</a></blockquote>'),
    )

    def parse_url(self, url: str) -> str | None:
        """None: any address may be embedded, and none is a post unless it is."""
        return None

    # --- markup ---------------------------------------------------------------------------------------------

    def parse_address(self, address: str) -> str | None:
        return _id_of(f"https://{address}")

    def own_markup(self) -> tuple[str, ...]:
        return (*_FIGURES.split(", "), *_QUOTED.split(", "))

    def _may_be_in(self, piece: Piece) -> bool:
        """Whether its markup is there. Hosts say nothing: its posts are on any host, and every page has a link."""
        return piece.origin is MarkupOrigin.COMMENT or any(map(piece.contains, self.keywords()))

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        for piece in document.pieces:
            if piece.origin is MarkupOrigin.COMMENT:
                yield from self._in_comment(document, piece)
                continue
            if any(map(piece.contains, _FIGURE_SIGNS)):
                for node in _outermost(piece, piece.tree.css(_FIGURES)[:MAX_FIGURES]):
                    yield from self._at(document, piece, node, *_in_figure(node))
            quoted = (node for node in piece.candidates.elements(_QUOTED_CLASS) if node.tag in ("blockquote", "iframe"))
            for node in _outermost(piece, islice(quoted, MAX_FIGURES)):
                yield from self._at(document, piece, node, *_of_another_site(node))

    def _at(self, document: Document, piece: Piece, node: LexborNode, url: str, kind: EmbedKind) -> Iterator[Appearance]:
        """An appearance has the place of the whole figure, so that what another platform finds anywhere in it counts."""
        address = document.absolute(url)
        post_id = _id_of(address) if address is not None else None
        if post_id is not None:
            yield self.appearance(piece, node, kind, post_id, EmbedContent(text=_words(node, kind)))

    def find_links(self, document: Document) -> Iterator[str]:
        return iter(())

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """WordPress's own endpoint, at the root of the site: of a site in a folder of its host it is not known where it lies.

        Only its reply shows whether a host runs WordPress; any other reply says nothing of the post.
        """
        host = post_id.partition("/")[0].partition("?")[0]
        endpoint = _ENDPOINT.format(host=host, url=quote(self.canonical_url(post_id), safe=""))
        return (PostRequest(endpoint, "oembed"), page_request(self.canonical_url(post_id)))

    def is_reply(self, url: str) -> bool:
        return _REPLY.match(url) is not None

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """The page itself, for when it was published and by whom. Its `og:title` may have its site's name in it."""
        if self.is_reply(url) or _id_of(url) != post_id:
            return None
        return read_public_page(self, post_id, url, status, body, named=_id_of, titled=False, picture=None)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_url = query_value(url, "url") or ""
        # A site may speak for its own posts only.
        if host_of(post_url).removeprefix("www.") != host_of(url).removeprefix("www.") or (post_id := _id_of(post_url)) is None:
            return Findings()
        states = {404: PostState.GONE} if status == 404 and _says_no_such_post(body) else {}
        return read_oembed_of(self, post_id, url, status, body, states)


def _id_of(url: str) -> str | None:
    """The key of a page's address; None for what is no address."""
    try:
        key = url_key(checked(without_wayback(url)))
    except BadUrl:
        return None
    return key if len(key) <= MAX_ID and "." in key.partition("/")[0] else None


def _outermost(piece: Piece, nodes: Iterable[LexborNode]) -> Iterator[LexborNode]:
    """The nodes (given in document order) that no other holds: what one shows stands for all in it."""
    until: Position = (-1, -1)
    for node in nodes:
        if piece.start_of(node) > until:
            until = piece.end_of(node)
            yield node


def _in_figure(figure: LexborNode) -> tuple[str, EmbedKind]:
    """The address of what a figure shows: the one that the editor noted, a quoted post's, a frame's, or one that stands alone."""
    noted = _noted_before(figure)
    if noted:
        return noted, EmbedKind.OEMBED
    quoted = figure.css_first(_QUOTED)
    if quoted is not None:
        return _of_another_site(quoted)
    for frame in figure.css("iframe, amp-iframe, [data-src]")[:10]:
        for name in _FRAME_ATTRIBUTES:
            value = frame.attributes.get(name) or ""
            if "//" in value:
                return value, EmbedKind.IFRAME
    return _alone_in(figure), EmbedKind.OEMBED


def _of_another_site(node: LexborNode) -> tuple[str, EmbedKind]:
    """A quoted post's own page; its frame has the same address with `/embed/` or `embed=true` behind it."""
    if node.tag == "iframe":
        src = next((value for name in _FRAME_ATTRIBUTES if "//" in (value := node.attributes.get(name) or "")), "")
        page = src.partition("#")[0]
        return (_FRAME_OF_POST.sub("", page, count=1) if _FRAME_OF_POST.search(page) else ""), EmbedKind.IFRAME
    link = node.css_first("a[href]")
    return (link.attributes.get("href") or "" if link is not None else ""), EmbedKind.BLOCKQUOTE


def _alone_in(figure: LexborNode) -> str:
    for node in (figure, *figure.css("div")[:5]):
        own = "".join(child.text_content or "" for child in node.iter(include_text=True) if child.tag == "-text")
        link = node.css_first("a[href]")
        if (found := _URL_ALONE.fullmatch(own)) is not None:
            return found[1]
        if link is not None and link.parent is not None and link.parent.mem_id == node.mem_id and not own.strip():
            href, shown = link.attributes.get("href") or "", link.text(deep=True) or ""
            if address_of(href) and address_of(href) == address_of(shown):
                return href
    return ""


def _words(node: LexborNode, kind: EmbedKind) -> str | None:
    """A quoted post's title, or what a frame is called."""
    frame = node if node.tag == "iframe" else node.css_first("iframe[title]")
    if kind is EmbedKind.IFRAME and frame is not None:
        return (frame.attributes.get("title") or "").strip()[:MAX_TEXT] or None
    quoted = node.css_first(_QUOTED) or node
    return text_of(quoted, most=MAX_READ)[:MAX_TEXT] or None if kind is EmbedKind.BLOCKQUOTE else None


def _noted_before(figure: LexborNode) -> str:
    """The URL in the comment that WordPress's editor writes before a figure, where a page still has it."""
    before = figure.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    comment = before.comment_content if before is not None and before.tag == "-comment" else None
    return url_in_comment(comment or "")


def _says_no_such_post(body: bytes) -> bool:
    reply = object_in(body)
    return reply is not None and reply.get("code") == _NO_SUCH_POST
