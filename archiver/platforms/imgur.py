"""Imgur: pictures, albums, and what stands in its gallery, which may be either."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.embed_forms import linked_pictures
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Statement
from archiver.platforms.base import Appearance, Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.public_pages import page_door, page_request, read_public_page, script_data
from archiver.platforms.replies import distinct_media, media_ref, objects_at, text_at, time_of_text, value_at
from archiver.text import json_loads, one_line

MAX_CODE = 20_000  # characters of an embed code in a reply

_SITE = r"imgur\.(?:com|io)"
_CODE = r"(?:[A-Za-z0-9]{7}|[A-Za-z0-9]{5})"  # the first million pictures have five characters
_PICTURE = rf"(?P<id>{_CODE})(?![\w-])"
_ALBUM = r"(?:[\w%-]*-)?(?P<{kind}>[A-Za-z0-9]{{5,8}})(?![\w-])"
# The letter behind the name is a size: small square, big square, small, medium, large, huge, and two that were seen besides.
_FILE = rf"i\.{_SITE}/(?:download/)?(?P<id>{_CODE})(?P<size>[sbtmlhrg])?(?:_d)?\."
_FILES = Pattern(_FILE)
_NOT_PICTURES = frozenset(
    (
        *(
            "about",
            "apps",
            "beta",
            "blog",
            "rules",
            "store",
            "stats",
            "press",
            "terms",
            "merch",
            "users",
            "inbox",
            "tools",
            "topic",
        ),
        *(
            "gallery",
            "privacy",
            "removal",
            "removed",
            "account",
            "emerald",
            "memegen",
            "upload",
            "search",
            "signin",
            "contact",
            "explore",
        ),
        *("desktop", "popular", "company", "careers", "android", "advisor"),
    )
)
_TITLE_OF_NONE = Pattern(r"View post on imgur\.com|^imgur(?:\.com)?$|://|^Imgur: ", re.I)
_ID_ALONE = Pattern(rf"^\s*(?:a/(?P<album>[A-Za-z0-9]{{5,8}})|gallery/(?P<gallery>[A-Za-z0-9]{{5,8}})|(?P<id>{_CODE}))\s*$")


class Imgur(Declared):
    """Ids are as in addresses: `CODE` for a picture, `a/CODE` for an album, `gallery/CODE`; case counts.

    Whether a gallery's entry is a picture or an album its address does not tell.
    """

    name = "imgur"
    title = "Imgur"
    doors = (
        Door("oembed", "2024", "public programs; closed to British addresses since 2025-09-30 (Quaver#4526, StarTube#61)"),
        page_door("2025", "public programs: `window.postDataJSON`; closed to British addresses since 2025-09-30"),
        Door("embed_page", "2024", "public programs; closed to British addresses since 2025-09-30 (windhawk#743)"),
    )
    hosts = ("imgur.com", "imgur.io")
    # To British readers since 2025-09-30 (Quaver#4526, StarTube#61). The files are a picture of these words, which nobody reads.
    embed_refused = ("Content not viewable in your region", "Content not available in your region")
    urls = (
        Pattern(rf"{_SITE}/a/{_ALBUM.format(kind='album')}"),
        Pattern(rf"{_SITE}/(?:gallery|t/[\w-]+|topic/[\w-]+)/{_ALBUM.format(kind='gallery')}"),
        Pattern(_FILE),
        Pattern(rf"(?:i\.)?{_SITE}/(?:r/\w+/)?{_PICTURE}(?:\.\w{{3,4}}|[/?#,.)]|$)"),
        Pattern(rf"{_SITE}/(?:[a-z0-9%]+-)+(?P<id>[A-Za-z0-9]{{7}})(?:[/?#]|$)"),
    )
    canonical = "https://imgur.com/{id}"
    embed = "https://imgur.com/{id}/embed"
    markers = (
        Marker(".imgur-embed-pub", ("data-id",), EmbedKind.BLOCKQUOTE, _ID_ALONE),
        Marker("amp-imgur", ("data-imgur-id", "data-imgurid"), EmbedKind.AMP, _ID_ALONE),
    )
    media_forms = (
        # `.gifv` is a page around a video.
        MediaForm(
            Pattern(rf"{_FILE}(?:gifv|mp4|webm)"),
            "i.imgur.com/{id}",
            ("https://i.imgur.com/{id}.mp4", "https://i.imgur.com/{id}.gif"),
        ),
        MediaForm(
            Pattern(rf"(?P<at>{_FILE}(?P<type>jpe?g|png|gif|webp|apng))"),
            "i.imgur.com/{id}",
            ("https://i.imgur.com/{id}.{type}", "https://{at}"),
        ),
    )
    stand_ins: ClassVar[Mapping[str, PostState]] = {
        # "Content not viewable in your region", a PNG of 336 by 478 pixels and 34,641 bytes, the same whatever was asked for,
        # with status 200. British and Iranian addresses get it, and some others (several public programs, 2025-10 to 2026-09;
        # one of them got it for removed.png as well).
        "faa24ec881e6040655c187a681d6dc496eb8aa41e1bd0652a180b3a40b457187": PostState.WITHHELD,
        # removed.png, where it comes without the redirect that names it (one public program, 2026-09-22).
        "9b5936f4006146e4e1e9025b474c02863c0b5614132ad40db4b925a10e8bfbb9": PostState.GONE,
    }
    oembed = "https://api.imgur.com/oembed?format=json&url={url}"
    paces: ClassVar[dict[str, float]] = {"api.imgur.com": 1.0, "i.imgur.com": 0.3}
    examples = (
        Example(
            '<blockquote class="imgur-embed-pub" lang="en" data-id="Ab3dE7g"><a href="https://imgur.com/Ab3dE7g">Rye</a></blockquote>',
            ("Ab3dE7g",),
        ),
        Example('<blockquote class="imgur-embed-pub" lang="en" data-id="a/x7YzQ"><p> </p></blockquote>', ("a/x7YzQ",)),
        Example(
            '<blockquote class="imgur-embed-pub" lang="en" data-id="a/x7YzQ12" data-context="false">'
            '<a href="//imgur.com/a/x7YzQ12">Loaves</a></blockquote>'
            '<script async src="//s.imgur.com/min/embed.js" charset="utf-8"></script>',
            ("a/x7YzQ12",),
        ),
        Example('<iframe class="imgur-album" src="//imgur.com/a/x7YzQ/embed"></iframe>', ("a/x7YzQ",)),
        Example('<iframe src="https://imgur.com/Ab3dE7g/embed?pub=true&amp;w=540"></iframe>', ("Ab3dE7g",)),
        Example('<amp-imgur data-imgur-id="Ab3dE7g" layout="responsive"></amp-imgur>', ("Ab3dE7g",)),
        Example(
            '<a href="http://imgur.com/Ab3dE7g"><img src="http://i.imgur.com/Ab3dE7gl.jpg" title="Hosted by imgur.com" /></a>',
            ("Ab3dE7g",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://imgur.com/gallery/rye-bread-x7YzQ12\n</div></figure>",
            ("gallery/x7YzQ12",),
        ),
        Example(
            '<p><a href="https://m.imgur.com/r/bread/Ab3dE7g">One</a>, <a href="https://i.imgur.com/Zy9x8W7.gifv">two</a>, '
            '<a href="https://imgur.com/t/bread/x7YzQ12">three</a></p>',
            links=("Ab3dE7g", "Zy9x8W7", "gallery/x7YzQ12"),
        ),
        Example('<img src="https://i.imgur.com/Ab3dE7g.jpg"><div data-src="https://i.imgur.com/Zy9x8W7.jpg"></div>'),
        Example('<a href="https://i.imgur.com/Ab3dE7g.jpg"><img src="https://i.imgur.com/Ab3dE7g.jpg"></a>', links=("Ab3dE7g",)),
        Example('<img src="https://i.stack.imgur.com/aBcDe.png"><a href="https://i.stack.imgur.com/aBcDe.png">large</a>'),
        Example(
            '<p><a href="https://imgur.com/user/mira">mira</a> <a href="https://imgur.com/">Imgur</a> <a href="https://imgur.com/privacy">privacy</a></p>'
        ),
        Example('<script async src="//s.imgur.com/min/embed.js" charset="utf-8"></script>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if album := groups.get("album"):
            return f"a/{album}"
        if entry := groups.get("gallery"):
            return f"gallery/{entry}"
        code = groups.get("id")
        return code if code and code not in _NOT_PICTURES else None

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        yield from super().find_embeds(document)
        for piece in document.pieces:
            if piece.origin is not MarkupOrigin.COMMENT:
                for node, post_id in linked_pictures(piece, self.hosts, _FILES, self.parse_address):
                    yield self.appearance(piece, node, EmbedKind.STATIC, post_id, EmbedContent(media=tuple(_pictures(node))))

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        # A file in an attribute is a picture that some script shows, not a post.
        return (
            None
            if candidate.kind is EmbedKind.PLACEHOLDER and _FILES.match(candidate.address)
            else super().parse_frame(candidate)
        )

    def media_key(self, url: str) -> str | None:
        found = _FILES.match(address_of(url))
        return (
            super().media_key(url) if found and found["id"] not in _NOT_PICTURES else None
        )  # `removed.png` stands for all that is gone

    def media_urls(self, url: str) -> tuple[str, ...]:
        return super().media_urls(url) if self.media_key(url) is not None else ()

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The link's text is the title, where there is one."""
        return EmbedContent(text=_words(node))

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        findings = super().read_reply(url, status, location, body)
        if findings is None or not any(statement.state is PostState.LIVE for statement in findings.statements):
            return findings
        return replace(findings, statements=tuple(self._completed(statement, body) for statement in findings.statements))

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return (*super().requests_about(post_id), page_request(self.canonical_url(post_id)))

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """The post's page: what is known of it is in `window.postDataJSON`; `og:title` has the site's name behind it."""
        if self._is_oembed(url) or self.parse_url(url) != post_id:
            return None
        data = script_data(body, r"\bwindow\.postDataJSON\s{0,9}=")
        own = data if isinstance(data, dict) and data.get("id") == post_id.rpartition("/")[2] else {}
        addresses = [text_at(one, "url") for one in objects_at(own, "media")]
        media = [media_ref(url, one, key) for one in addresses if one is not None and (key := self.media_key(one)) is not None]
        findings = read_public_page(self, post_id, url, status, body, picture=MediaKind.PICTURE)
        stated = (
            replace(
                one,
                text=one_line(text_at(own, "title")) or one.text,
                posted_at=one.posted_at or time_of_text(value_at(own, "created_at")),
                media=distinct_media(media) or one.media,
            )
            for one in findings.statements
        )
        return replace(findings, statements=tuple(stated))

    def _completed(self, statement: Statement, body: bytes) -> Statement:
        """With the title, which the reply has no field for, and with the picture: its address is the id, under any ending [?]."""
        picture = f"https://i.imgur.com/{statement.post_id}.jpg"
        key = self.media_key(picture) if statement.post_id.encode() in body else None
        media = statement.media or ((MediaRef(picture, key),) if key is not None else ())
        return replace(statement, text=statement.text or _title_in(body), media=media)


def _title_in(body: bytes) -> str | None:
    """What the code in an oEmbed reply shows: the reply has no field for the title."""
    try:
        reply = json_loads(body)
    except (ValueError, RecursionError):
        return None
    code = text_at(reply, "html") if isinstance(reply, dict) else None
    box = LexborHTMLParser(code[:MAX_CODE]).css_first("blockquote") if code else None
    return _words(box) if box is not None else None


def _words(box: LexborNode) -> str | None:
    words = text_of(box)[:4_000]
    return words if words and _TITLE_OF_NONE.search(words) is None else None


def _pictures(node: LexborNode) -> list[str]:
    values = (value or "" for image in node.css("img")[:5] for value in image.attributes.values())
    return list(dict.fromkeys(value for value in values if _FILES.match(address_of(value))))
