"""Flickr: photos and videos, and albums; a stream or a group's pool in an embed code stands for the photo that it shows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.embed_forms import linked_pictures
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind
from archiver.platforms.base import Appearance, Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.public_pages import object_named, page_door, page_request, read_public_page, script_data
from archiver.platforms.replies import time_of_seconds

_SITE = r"(?:[\w-]+\.)?flickr\.com"
_USER = r"(?!tags/)[^/?#\s]{1,60}"
_ID = r"(?P<id>\d{1,15})(?!\d)"
_SET = r"(?P<set>\d{5,20})(?!\d)"
_HOST = r"(?:[\w-]+\.)?static\.?flickr\.com"
_FILE = rf"{_HOST}/(?:\d+/){{1,2}}"
_FILES = Pattern(_FILE)
_TYPE = r"(?P<type>jpe?g|png|gif)"
_DIGITS = (
    "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # of base 58 (flickr.com/groups/api/discuss/72157616713786392)
)
_CAPTION = Pattern(r"(?P<title>.*)\s+by\s+(?P<name>.{1,80}?),?\s+on Flickr\s*$", re.S)


class Flickr(Declared):
    """A photo's id is its number, an album's `album/NUMBER`. The short addresses hold the same numbers in base 58."""

    name = "flickr"
    title = "Flickr"
    doors = (
        Door("oembed", "2026", "flickr.com/services/oembed; no change in public reports until 2026-09"),
        page_door(
            "2026", "public programs: `photo.gne?id=`, which redirects; a photo's time among the data of the page's script"
        ),
        Door("embed_page", "2025", "embed codes in use; no change in public reports until 2026-09"),
    )
    hosts = ("flickr.com", "flic.kr", "staticflickr.com")
    urls = (
        Pattern(rf"{_SITE}/photos/{_USER}/(?:sets|albums)/{_SET}(?!/with/)", re.I),
        Pattern(rf"{_SITE}/photos/{_USER}/(?:(?:sets|albums)/\d+/with/)?{_ID}(?![\w@-])", re.I),
        Pattern(rf"(?:embedr|live)\.flickr\.com/photos/(?:{_USER}/)?{_ID}(?![\w@-])", re.I),
        Pattern(rf"{_SITE}/(?:photo(?:_zoom)?\.gne|apps/video/[\w.-]+)\?(?:[^#]*&)?(?:photo_)?id={_ID}", re.I),
        Pattern(rf"{_SITE}/photo\.gne\?(?:[^#]*&)?short=(?P<short>[1-9A-Za-z]{{2,12}})", re.I),
        Pattern(rf"{_SITE}/(?:slideShow/index\.gne|apps/slideshow/[\w.-]+)\?(?:[^#]*&)?set_id={_SET}", re.I),
        Pattern(r"flic\.kr/p/(?P<short>[1-9A-Za-z]{1,12})(?![\w-])"),
        Pattern(r"flic\.kr/s/(?P<short_set>[1-9A-Za-z]{1,14})(?![\w-])"),
        Pattern(rf"{_FILE}{_ID}_[0-9a-f]+", re.I),
    )
    canonical = "https://flic.kr/{id}"
    markers = (Marker("[data-flickr-embed]", ("href",)),)
    media_forms = (
        # The largest have a secret of their own in their names (flickr.com/services/api/misc.urls.html).
        MediaForm(Pattern(rf"{_FILE}{_ID}_[0-9a-f]+_(?:o|[hkf]|[3-6]k)(?:_d)?\.{_TYPE}"), "live.staticflickr.com/{id}"),
        MediaForm(
            Pattern(rf"(?P<at>{_HOST}/(?:\d/)?(?P<server>\d+)/{_ID}_(?P<secret>[0-9a-f]+)(?:_\w)?(?:_d)?\.{_TYPE})"),
            "live.staticflickr.com/{id}",
            (
                "https://live.staticflickr.com/{server}/{id}_{secret}_b.{type}",
                "https://live.staticflickr.com/{server}/{id}_{secret}.{type}",
                "https://{at}",
            ),
        ),
    )
    oembed = "https://www.flickr.com/services/oembed/?format=json&url={url}"
    paces: ClassVar[dict[str, float]] = {"www.flickr.com": 1.0, "live.staticflickr.com": 0.2}  # the API bears 3,600 an hour
    examples = (
        Example(
            '<a data-flickr-embed="true" href="https://www.flickr.com/photos/mira_k/51234567890/" title="Rye by Mira, on Flickr">'
            '<img src="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg" alt="Rye"></a>',
            ("51234567890",),
        ),
        Example(
            '<a data-flickr-embed="true" href="https://www.flickr.com/photos/mira_k/albums/72157700012345678" title="Bread">'
            '<img src="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg" alt="Rye"></a>',
            ("album/72157700012345678",),
        ),
        Example(
            "<a data-flickr-embed='true' href='https://www.flickr.com/photos/12345678@N00' title='mira'><img src='"
            "https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_b.jpg' alt='Rye'></a>",
            ("51234567890",),
        ),
        Example(
            '<a href="http://www.flickr.com/photos/12345678@N00/4123456789/" title="Rye by mira, on Flickr">'
            '<img src="http://farm3.static.flickr.com/2345/4123456789_0a1b2c3d4e.jpg" width="500" alt="Rye"></a>',
            ("4123456789",),
        ),
        Example('<iframe src="https://www.flickr.com/photos/mira_k/4123456789/player/"></iframe>', ("4123456789",)),
        Example('<iframe src="https://embedr.flickr.com/photos/4123456789"></iframe>', ("4123456789",)),
        Example(
            '<object><param name="flashvars" value="photo_secret=0a1b2c&amp;photo_id=4123456789">'
            '<param name="movie" value="http://www.flickr.com/apps/video/stewart.swf?v=71377">'
            '<embed src="http://www.flickr.com/apps/video/stewart.swf?v=71377" '
            'flashvars="intl_lang=en-us&amp;photo_secret=0a1b2c&amp;photo_id=4123456789"></object>',
            ("4123456789",),
        ),
        Example(
            '<iframe src="http://www.flickr.com/slideShow/index.gne?user_id=1@N0&amp;set_id=72157600012345"></iframe>',
            ("album/72157600012345",),
        ),
        Example("<figure class='wp-block-embed'><div>\nhttps://flic.kr/p/2m4qy3N\n</div></figure>", ("51234567890",)),
        Example(
            '<p><a href="https://flic.kr/s/aHsk8hUbqq">Album</a>, <a href="https://secure.flickr.com/photos/mira_k/4123456789/in/photostream">'
            "photo</a></p>",
            links=("album/72157650686499888", "4123456789"),
        ),
        Example(
            '<p>My <a href="https://www.flickr.com/photos/mira_k/">photos</a>, <a href="https://www.flickr.com/people/mira_k/">me</a></p>'
        ),
        Example(
            '<p><a href="https://www.flickr.com/photos/tags/rye">Rye</a> <a href="https://www.flickr.com/groups/bread/pool/">pool</a></p>'
        ),
        Example('<img src="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg">'),
        Example('<div data-bg="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg"></div>'),
        Example('<script async src="//embedr.flickr.com/assets/client-code.js"></script>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if album := groups.get("set"):
            return f"album/{int(album)}"
        if short := groups.get("short_set"):
            number = _number(short)
            return f"album/{number}" if number is not None else None
        if short := groups.get("short"):
            number = _number(short)
            return str(number) if number is not None else None
        return str(int(groups["id"] or "0"))

    def canonical_url(self, post_id: str) -> str:
        """Flickr's own short address: without it the name of the user would be needed."""
        kind, _, number = post_id.rpartition("/")
        return super().canonical_url(f"{'s' if kind else 'p'}/{_base58(int(number))}")

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """A photo's page for frames. An album has none: its page shows whichever of its photos is turned to."""
        return None if post_id.startswith("album/") else f"https://embedr.flickr.com/photos/{post_id}"

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        yield from super().find_embeds(document)
        for piece in document.pieces:
            if piece.origin is not MarkupOrigin.COMMENT:
                for node, post_id in linked_pictures(piece, self.hosts, _FILES, self.parse_address):
                    yield self.appearance(piece, node, EmbedKind.STATIC, post_id, self.read_box(node))

    def _named_by(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        """What the link leads to; for streams, pools and galleries, which change, the photo that the code shows."""
        return super()._named_by(piece, marker, node) or next(filter(None, map(self.parse_url, _pictures(node))), None)

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        if candidate.kind is EmbedKind.PLACEHOLDER and _FILES.match(candidate.address):
            return None  # a picture that some script shows
        if ".swf" in candidate.address and (named := self._named_by_variables(candidate.node)) is not None:
            return named
        return super().parse_frame(candidate)

    def _named_by_variables(self, player: LexborNode) -> str | None:
        """The post that a Flash player's `flashvars` name."""
        variables = [player.attributes.get("flashvars") or ""]
        variables += [param.attributes.get("value") or "" for param in player.css("param[name=flashvars i]")[:5]]
        found = next(
            (found for text in variables if (found := re.search(rf"\b(?:photo_id={_ID}|set_id={_SET})", text[:2_000]))), None
        )
        return self.id_of(found.groupdict()) if found else None

    def read_box(self, node: LexborNode) -> EmbedContent:
        """`TITLE by NAME, on Flickr` is the link's title in codes up to about 2014; later it is the title alone, as is `alt`."""
        caption = (node.attributes.get("title") or "").strip()[:1_000]
        picture = node.css_first("img")
        alt = (picture.attributes.get("alt") or "").strip()[:1_000] if picture is not None else ""
        media = tuple(_pictures(node))
        if found := _CAPTION.match(caption):
            return EmbedContent(author_name=found["name"], text=found["title"].strip() or None, media=media)
        named = self.parse_url(node.attributes.get("href") or "") is not None  # else the caption is that of a stream
        return EmbedContent(text=(caption if named else alt) or alt or None, media=media)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed; and the page of a photo, by the one address that does not want its user's name."""
        page = () if post_id.startswith("album/") else (page_request(f"https://www.flickr.com/photo.gne?id={post_id}"),)
        return (*super().requests_about(post_id), *page)

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """The page of a photo, which has its time in `modelExport` alone, as seconds since 1970 (`datePosted`)."""
        if self._is_oembed(url) or self.parse_url(url) != post_id:
            return None
        findings = read_public_page(self, post_id, url, status, body, picture=MediaKind.PICTURE)
        made = object_named(script_data(body, r"\bmodelExport:"), post_id, "datePosted").get("datePosted")
        stated = (replace(one, posted_at=one.posted_at or time_of_seconds(made)) for one in findings.statements)
        return replace(findings, statements=tuple(stated))

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_SITE}/(?:photos|people)/(?P<name>[\w@-]+)/?(?:$|[?#])", address_of(url), re.I)
        return found["name"] if found else None


def _pictures(node: LexborNode) -> list[str]:
    values = (value or "" for image in node.css("img")[:5] for value in image.attributes.values())
    return list(dict.fromkeys(value for value in values if _FILES.match(address_of(value))))


def _number(short: str) -> int | None:
    number = 0
    for letter in short:
        digit = _DIGITS.find(letter)
        if digit < 0:
            return None
        number = number * 58 + digit
    return number


def _base58(number: int) -> str:
    if number < 0:  # which would never come to an end
        raise ValueError(number)
    letters = ""
    while number:
        number, digit = divmod(number, 58)
        letters = _DIGITS[digit] + letters
    return letters or _DIGITS[0]
