"""Substack: posts of newsletters and notes, at `NAME.substack.com`, or at a host of the newsletter's own.

What is known is from public pages and programs of 2024 to 2026: the embed codes are those that its "Embed post" gives, the
cards those that it makes of one post within another; the replies of its own pages' JSON were seen by others until 2026-09.
Nothing was tried live [?]. Of notes no embed code was found but `a[data-comment-link]` by hearsay, and the frame
`substack.com/embed/c/ID` in one program [?].
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, host_in
from archiver.html.document import Piece
from archiver.html.embed_candidates import ANYWHERE
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Alias, EmbedKind, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.any_host import AnyHost
from archiver.platforms.base import Appearance, Door, Example, PostRequest
from archiver.platforms.declared import MAX_EMBEDS, MAX_LINKS, MAX_READ, MAX_TEXT, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    page_tree,
    text_at,
    time_of_text,
    value_at,
)
from archiver.urls import url_key

MAX_ATTRIBUTE = 100_000  # characters of JSON in an attribute; a card has some thousand
MAX_BODY = 400_000  # characters of a post's HTML

_SLUG = r"(?P<slug>[\w-]{1,200})(?![\w%-])(?!/comment/)"
_NUMBER = r"(?P<id>[1-9]\d{2,14})(?![\w-])"
_NAME = r"(?P<name>(?!(?:open|www)\.)[a-z0-9][a-z0-9-]{0,62})\.substack\.com/"
# Where a newsletter has a host of its own, nothing in the address of a post tells whose it is, but for what Substack itself puts
# behind it in the cards that it makes (seen by others until 2026). It is also how we write such an address.
_OWN_HOST = Pattern(
    r"(?P<name>[\w-]+(?:\.[\w-]+)+)/(?:embed/)?p/(?P<slug>[\w-]{1,200})/?\?(?:[^#]*&)?utm_campaign=post_embed(?:[&#]|$)"
)
_BEHIND = "?utm_source=substack&utm_campaign=post_embed"
_POST_PATH = Pattern(r"(?P<name>[\w-]+(?:\.[\w-]+)+)/(?:embed/)?p/(?P<slug>[\w-]{1,200})(?:$|[/?#])")
_BOX = "substack-post-embed"
_CARDS = Pattern(r"^(?:EmbeddedPostToDOM|DigestPostEmbed|CommentPlaceholder)$")
_BY = Pattern(r"^(?P<title>.+\S)\s+by\s+(?P<author>\S.{0,100})$", re.S)
_API = Pattern(
    r"(?P<host>[\w-]+(?:\.[\w-]+)+)/api/v1/"
    r"(?:posts/by-id/(?P<post>[1-9]\d{2,14})|reader/comment/(?P<note>[1-9]\d{2,14})|posts/(?P<slug>[\w-]{1,200}))(?:[?#]|$)"
)

_JSON = (
    "{&quot;id&quot;:123456,&quot;url&quot;:&quot;https://quaylog.substack.com/p/nine-ropes&quot;,"
    "&quot;publication_name&quot;:&quot;Quay log&quot;,&quot;title&quot;:&quot;Nine ropes&quot;,"
    "&quot;truncated_body_text&quot;:&quot;It began with one.&quot;,&quot;date&quot;:&quot;2024-03-07T19:08:42.354Z&quot;,"
    "&quot;bylines&quot;:[{&quot;id&quot;:1,&quot;name&quot;:&quot;Mira K&quot;,&quot;handle&quot;:&quot;mirak&quot;}]}"
)


class Substack(AnyHost):
    """Ids are `NAME/slug`, `host.example/slug` of a host of its own, `p-NUMBER` of a post by its number, `c-NUMBER` of a note."""

    name = "substack"
    title = "Substack"
    doors = (
        Door("api", "2026-07", "programs that read the JSON of its own pages"),
        Door("embed_page", "2026", "frames in public pages; StarCitizenWiki/mediawiki-extensions-EmbedVideo#113 of 2025-02"),
    )
    hosts = ("substack.com", "substackcdn.com", ANYWHERE)
    whole_hosts = True
    shows_words = False  # the card has the title of a post, not the post
    signs = (("substack", Pattern("substack")),)
    own_keywords = (_BOX,)
    urls = (
        Pattern(rf"open\.substack\.com/pub/(?P<name>[a-z0-9][a-z0-9-]{{0,62}})/p/{_SLUG}"),
        Pattern(rf"{_NAME}(?:embed/)?p/{_SLUG}"),
        Pattern(rf"substack\.com/(?:home/post/|@[\w.-]+/)p-{_NUMBER}"),
        Pattern(rf"(?:open\.)?substack\.com/(?:(?:@|profile/)[\w.-]+/)?(?P<note>note/)c-{_NUMBER}"),
        Pattern(rf"substack\.com/(?P<note>embed/c/){_NUMBER}"),
        _OWN_HOST,
    )
    markers = (
        Marker("[data-post-link]", ("href",)),
        Marker("[data-comment-link]", ("href",)),
        Marker("[data-component-name]", kind=EmbedKind.PLACEHOLDER, requires=("data-component-name", _CARDS)),
        Marker(".embedded-post-wrap", kind=EmbedKind.PLACEHOLDER),
        Marker(".digest-post-embed", kind=EmbedKind.PLACEHOLDER),
    )
    media_forms = (
        # A proxy makes each size; the original's address is in its path, encoded.
        MediaForm(
            Pattern(
                r"substackcdn\.com/image/fetch/(?:[^/?#\s]{1,120}/){1,2}https(?:%3A%2F%2F|://)(?P<place>substack-post-media\.s3\.amazonaws\.com|bucketeer-[\w-]+\.s3\.amazonaws\.com)"
                r"(?:%2F|/)public(?:%2F|/)images(?:%2F|/)(?P<file>[\w-]{8,80}\.\w{3,4})"
            ),
            "{place}/public/images/{file}",
            ("https://{place}/public/images/{file}",),
        ),
        MediaForm(
            Pattern(
                r"(?P<place>substack-post-media\.s3\.amazonaws\.com|bucketeer-[\w-]+\.s3\.amazonaws\.com)/public/images/(?P<file>[\w-]{8,80}\.\w{3,4})"
            ),
            "{place}/public/images/{file}",
            ("https://{place}/public/images/{file}",),
        ),
    )
    paces: ClassVar[dict[str, float]] = {"substack.com": 1.0}  # nobody told a limit; some met 429 [?]
    examples = (
        Example(
            '<div class="substack-post-embed"><p lang="en">Nine ropes by Mira K</p><p>It began with one.</p><a data-post-link '
            'href="https://quaylog.substack.com/p/nine-ropes">Read on Substack</a></div>'
            '<script async src="https://substack.com/embedjs/embed.js" charset="utf-8"></script>',
            ("quaylog/nine-ropes",),
        ),
        Example(
            '<div class="substack-post-embed"><p lang="en">Nine ropes by Mira K</p><p></p><a data-post-link '
            'href="https://letters.quay.example/p/nine-ropes">Read on Substack</a></div>',
            ("letters.quay.example/nine-ropes",),
        ),
        Example(
            '<iframe class="substack-frame" src="https://quaylog.substack.com/embed/p/nine-ropes"></iframe>',
            ("quaylog/nine-ropes",),
        ),
        Example(
            '<iframe src="https://substack.com/embed/c/213540396?origin=https%3A%2F%2Fblog.example"></iframe>', ("c-213540396",)
        ),
        Example(
            '<a data-comment-link href="https://substack.com/@mirak/note/c-213540396">Read on Substack</a>'
            '<script async src="https://substack.com/embedjs/embed.js" charset="utf-8"></script>',
            ("c-213540396",),
        ),
        Example(
            f'<div class="embedded-post-wrap" data-attrs="{_JSON}" data-component-name="EmbeddedPostToDOM"></div>',
            ("quaylog/nine-ropes",),
        ),
        Example(
            '<div class="embedded-post-wrap" data-component-name="EmbeddedPostToDOM"><a native="true" class="embedded-post" '
            'href="https://www.quay.example/p/nine-ropes?utm_source=substack&amp;utm_campaign=post_embed">'
            '<div class="embedded-post-title">Nine ropes</div></a></div>',
            ("quay.example/nine-ropes",),
        ),
        Example(
            '<div class="comment" data-component-name="CommentPlaceholder" data-attrs="{&quot;url&quot;:'
            "&quot;https://open.substack.com/home&quot;,&quot;commentId&quot;:12345678,&quot;comment&quot;:{&quot;id&quot;:12345678,"
            '&quot;body&quot;:&quot;I counted ten.&quot;,&quot;name&quot;:&quot;Bo&quot;}}"></div>',
            ("c-12345678",),
        ),
        Example("<p>https://quaylog.substack.com/p/nine-ropes</p>", ("quaylog/nine-ropes",)),
        Example(
            '<p><a href="https://open.substack.com/pub/quaylog/p/nine-ropes?r=1a&amp;utm_medium=web">One</a>, '
            '<a href="https://substack.com/home/post/p-165095091">two</a>, '
            '<a href="https://substack.com/note/c-213540396">three</a>, <a href="https://substack.com/@mirak/p-196892360">four</a></p>',
            links=("quaylog/nine-ropes", "p-165095091", "c-213540396", "p-196892360"),
        ),
        Example('<iframe src="https://quaylog.substack.com/embed" width="480" height="320"></iframe>'),  # a form for subscribing
        Example(
            '<p><a href="https://quaylog.substack.com/">Quay log</a>, <a href="https://quaylog.substack.com/p/nine-ropes/comment/4">4</a></p>'
        ),
        Example('<p><a href="https://shop.example/p/nine-ropes">ropes</a> <a href="https://substack.com/notes">notes</a></p>'),
        Example('<a class="next" data-post-link="next" href="https://blog.example/p/nine-ropes">Not on substack</a>'),
    )

    # --- addresses ------------------------------------------------------------------------------------------

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if groups.get("slug") is not None:
            name = (groups.get("name") or "").removesuffix(".substack.com")
            return f"{name}/{(groups['slug'] or '').lower()}"
        return f"{'c' if groups.get('note') else 'p'}-{groups['id']}"

    def canonical_url(self, post_id: str) -> str:
        name, _, slug = post_id.partition("/")
        if not slug:
            return f"https://substack.com/{'note/' if name.startswith('c-') else 'home/post/'}{name}"
        return f"https://{_hosts_of(name)[0]}/p/{slug}{_BEHIND if '.' in name else ''}"

    def address_values(self, post_id: str) -> Mapping[str, str]:
        name, _, slug = post_id.partition("/")
        return {**super().address_values(post_id), "host": _hosts_of(name)[0] if slug else "substack.com", "local": slug or name}

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The card, as its own script frames it; of a post by its number, for which no frame is known, the page for readers."""
        return next(iter(_cards_of(post_id)), None) or self.canonical_url(post_id)

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        return _cards_of(post_id)[1:]

    def author_in(self, url: str) -> str | None:
        found = re.match(r"(?:open\.)?substack\.com/@(?P<handle>[\w.-]+)", address_of(url))
        return found["handle"] if found else None

    # --- markup ---------------------------------------------------------------------------------------------

    def own_markup(self) -> tuple[str, ...]:
        return (f".{_BOX}", *super().own_markup())

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        if not self._may_lead_here(piece):
            return
        if piece.contains(_BOX):
            for box in piece.tree.css(f".{_BOX}")[:MAX_EMBEDS]:
                if (post_id := self._in_box(piece, box)) is not None:
                    yield self.appearance(piece, box, EmbedKind.BLOCKQUOTE, post_id, self._content_of(piece, box))
        yield from super()._marked(piece)

    def _in_box(self, piece: Piece, box: LexborNode) -> str | None:
        """The post that an embed code leads to, also at a host of the newsletter's own: the box says whose it is."""
        addresses = [address_of(href) for href in piece.links_in(box, MAX_LINKS)]
        known = next((post_id for address in addresses if (post_id := self.parse_address(address)) is not None), None)
        return known or next((post_id for address in addresses if (post_id := self._at_own_host(address)) is not None), None)

    def _at_own_host(self, address: str) -> str | None:
        return self.parse_address(_with_mark(address)) if address else None

    def _named_by(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        """A card has its post in its JSON; where a script has drawn it, in its first link."""
        if marker.attributes:
            return super()._named_by(piece, marker, node)
        if marker.requires is not None and _CARDS.search(node.attributes.get("data-component-name") or "") is None:
            return None
        card = _card(node)
        if value_at(card, "commentId") is not None:
            number = _number(card["commentId"])
            return f"c-{number}" if number is not None else None
        address = address_of(text_at(card, "canonical_url") or text_at(card, "url") or "")
        return self._at_own_host(address) if address else self._in_box(piece, node)

    def read_box(self, node: LexborNode) -> EmbedContent:
        card = _card(node)
        if card:
            return _content_of_card(card)
        title = node.css_first("p[lang]") or node.css_first(".embedded-post-title")
        whole = text_of(node, most=MAX_READ)[:MAX_TEXT] or None
        if title is None:
            return EmbedContent(text=whole if node.tag != "a" else None)
        first, paragraphs = text_of(title), [text_of(one) for one in node.css("p")[:20] if one.mem_id != title.mem_id]
        found = _BY.search(first) if title.tag == "p" else None
        words = "\n\n".join(filter(None, (found["title"] if found else first, *paragraphs)))
        return EmbedContent(author_name=found["author"] if found else None, text=words[:MAX_TEXT] or None)

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The JSON that its own pages ask for, without an account."""
        name, _, slug = post_id.partition("/")
        if slug:
            first, *others = (f"https://{host}/api/v1/posts/{slug}" for host in _hosts_of(name))
            return (PostRequest(first, "api", tuple(others)),)
        kind = "reader/comment" if name.startswith("c-") else "posts/by-id"
        return (PostRequest(f"https://substack.com/api/v1/{kind}/{name[2:]}", "api"),)

    def is_reply(self, url: str) -> bool:
        return "/api/v1/" in url and self._asked_of(url) is not None

    def _asked_of(self, url: str) -> str | None:
        """The post that a request is about. A host of its own may run anything: its reply has to look like Substack's."""
        found = _API.match(address_of(url))
        if found is None:
            return None
        host, slug = found["host"], found["slug"]
        if slug is not None:
            name = host.removesuffix(".substack.com")
            return f"{name}/{slug.lower()}" if host != "substack.com" else None
        if host != "substack.com":
            return None
        return f"p-{found['post']}" if found["post"] else f"c-{found['note']}"

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        post_id = self._asked_of(url) if self.is_reply(url) else None
        if post_id is None:
            return None
        reply = object_in(body) or {}
        host = host_in(address_of(url))
        if status in (404, 410) and (host == "substack.com" or host.endswith(".substack.com")):
            said = text_at(reply, "error") or objects_at(reply, "errors")  # in one program's tests; nobody here saw it [?]
            gone = Statement(self.name, post_id, Source.API, PostState.GONE)
            return Findings(statements=(gone,)) if said else Findings()
        if status != 200:
            return Findings()
        if "reader/comment/" in url:
            return self._note(post_id, url, object_at(reply, "item", "comment") or object_at(reply, "comment"))
        return self._post(post_id, url, object_at(reply, "post") or reply)

    def _post(self, post_id: str, url: str, post: Json) -> Findings:
        title, address, number = text_at(post, "title"), text_at(post, "canonical_url"), _number(post.get("id"))
        slug = post_id.partition("/")[2]
        asked_for = (text_at(post, "slug") or "").lower() == slug if slug else number == post_id[2:]
        if title is None or address is None or number is None or not asked_for or _number(post.get("publication_id")) is None:
            return Findings()
        author = next(iter(objects_at(post, "publishedBylines")), {})
        statement = Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.API,
            state=PostState.LIVE,
            author=text_at(author, "handle"),
            author_name=text_at(author, "name"),
            text="\n\n".join(filter(None, (title, text_at(post, "subtitle"), _words(url, post)))),
            posted_at=time_of_text(post.get("post_date")),
            media=distinct_media(self._pictures(url, post)),
        )
        # At a host of its own the plain address does not tell whose it is, and so is another name.
        others = {url_key(one) for one in (address, self.canonical_url(f"p-{number}")) if self.parse_url(one) != post_id}
        return Findings(statements=(statement,), aliases=tuple(Alias(one, PostRef(self.name, post_id)) for one in sorted(others)))

    def _note(self, post_id: str, url: str, note: Json) -> Findings:
        words = text_at(note, "body")
        if not _is(note, post_id) or (words is None and not objects_at(note, "attachments")):
            return Findings()
        pictures = (text_at(one, "imageUrl") for one in objects_at(note, "attachments"))
        statement = Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.API,
            state=PostState.LIVE,
            author=text_at(note, "handle"),
            author_name=text_at(note, "name"),
            text=words,
            posted_at=time_of_text(note.get("date")),
            media=distinct_media(self._picture(url, address) for address in pictures),
        )
        return Findings(statements=(statement,))

    def _pictures(self, base: str, post: Json) -> Iterator[MediaRef | None]:
        yield self._picture(base, text_at(post, "cover_image"))
        for node in page_tree(base, (text_at(post, "body_html") or "")[:MAX_BODY].encode("utf-8", "replace")).css("img[src]")[
            :100
        ]:
            yield self._picture(base, node.attributes.get("src"))

    def _picture(self, base: str, address: str | None) -> MediaRef | None:
        original = next(iter(self.media_urls(address)), address) if address else None
        return media_ref(base, original, self.media_key(address) if address else None, MediaKind.PICTURE)


def _hosts_of(name: str) -> tuple[str, ...]:
    """The hosts at which a newsletter may be, the likelier first: ids leave out `www.`, and Substack wants a subdomain [?]."""
    if "." not in name:
        return (f"{name}.substack.com",)
    return (f"www.{name}", name) if name.count(".") == 1 else (name, f"www.{name}")


def _cards_of(post_id: str) -> tuple[str, ...]:
    """The frames that show a post or note; () for a post that is known by its number alone."""
    name, _, slug = post_id.partition("/")
    if slug:
        return tuple(f"https://{host}/embed/p/{slug}{_BEHIND if '.' in name else ''}" for host in _hosts_of(name))
    return (f"https://substack.com/embed/c/{name[2:]}",) if name.startswith("c-") else ()


def _with_mark(address: str) -> str:
    """The address of a post at any host, so that it is taken for one of Substack's; any other address as it is."""
    found = _POST_PATH.match(address)
    return f"{found['name']}/p/{found['slug']}{_BEHIND}" if found and not found["name"].endswith("substack.com") else address


def _card(node: LexborNode) -> Json:
    """What a card's attribute says; {} where it has none."""
    return object_in((node.attributes.get("data-attrs") or "")[:MAX_ATTRIBUTE]) or {}


def _content_of_card(card: Json) -> EmbedContent:
    comment = object_at(card, "comment")
    author = next(iter([*objects_at(card, "bylines"), *objects_at(card, "publishedBylines")]), comment)
    texts = (text_at(card, "title"), text_at(card, "truncated_body_text") or text_at(card, "caption"), text_at(comment, "body"))
    return EmbedContent(
        author=text_at(author, "handle"),
        author_name=text_at(author, "name"),
        text="\n\n".join(filter(None, texts))[:MAX_TEXT] or None,
        posted_at=time_of_text(card.get("date") or card.get("post_date") or comment.get("date")),
    )


def _is(reply: Json, post_id: str) -> bool:
    """Whether a reply is of the post or note with this number."""
    return _number(reply.get("id")) == post_id[2:]


def _number(value: object) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 99 < value < 10**15 else None


def _words(url: str, post: Json) -> str | None:
    """The post as text; of one for subscribers its beginning."""
    html = text_at(post, "body_html")
    if html is None:
        return text_at(post, "truncated_body_text")
    body = page_tree(url, html[:MAX_BODY].encode("utf-8", "replace")).body
    return text_of(body) or None if body is not None else None
