"""Pixelfed: pictures on anybody's server, embedded by a frame.

From its source (`StatusController::showEmbed`, `resources/views/status/embed*.blade.php`, `SnowflakeService`), as stored up to
2026; nothing was tried live [?]. An oEmbed at `/api/v1/oembed` is named by one public program, and the server's own routes of
2026 have none: it is not asked for.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.any_host import HOST, SLASH, AnyHost
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import MediaForm
from archiver.platforms.replies import distinct_media, media_ref, page_tree, shown_text, state_only, time_of_milliseconds

# Since February 2019 an id is milliseconds since the tenth of that month, then 22 bits that differ. Before, posts were counted:
# an address with such a small number could be any site's, and is not recognised.
_EPOCH = 1_549_756_800_000  # in milliseconds since 1970
_EARLIEST = datetime(2019, 2, 10, tzinfo=UTC)
_LATEST = datetime(2040, 1, 1, tzinfo=UTC)
_USER = r"(?P<user>[A-Za-z0-9](?:[\w.-]{0,28}\w)?)"  # 30 characters at most, and so no UUID
_NUMBER = r"[0-9]{15,19}"
_ID = rf"(?P<id>{_NUMBER})(?![\w-]|\.\w)"
_FRAMED = Pattern(rf"{HOST}/p/{_USER}/{_ID}/embed/?(?:[?#]|$)")
# What it says of posts that are gone, private, sensitive or of no kind that it embeds, and where a server embeds none: all alike.
_REMOVED = "The link to this photo or video may be broken"
MAX_PICTURES = 20  # of one page; it shows one

_POST = "807049239164366849"
_FRAME = f"https://pics.example/p/mira/{_POST}/embed"


class Pixelfed(AnyHost):
    """Ids are `host/user/number`: a server finds a post only under its author's name."""

    name = "pixelfed"
    title = "Pixelfed"
    doors = (Door("embed_page", "2026", "the source"),)
    signs = (
        ("/p/", Pattern(rf"/p/[\w.-]{{1,64}}{SLASH}{_NUMBER}")),
        ("/p\\", Pattern(rf"/p{SLASH}[\w.-]{{1,64}}{SLASH}{_NUMBER}")),
        ("%2Fp%2F", Pattern(rf"%2Fp%2F[\w.-]{{1,64}}%2F{_NUMBER}")),
        ("/m/_v2/", Pattern(r"/m/_v2/\d")),
    )
    urls = (_FRAMED,)
    link_urls = (Pattern(rf"{HOST}/p/{_USER}/{_ID}"),)
    embed_gone = (_REMOVED,)
    media_forms = (
        # The picture, and beside it a small one; a server may have both on a host of its own.
        MediaForm(
            Pattern(
                r"(?P<place>[\w.-]+/(?:storage|public)/m/_v2/\d{1,20}/[\w-]{1,80}/[\w-]{1,80}/\w{1,80}?)(?:_thumb)?\.(?P<kind>\w{3,4})(?:$|[?#])"
            ),
            "{place}",
            ("https://{place}.{kind}", "https://{place}_thumb.{kind}"),
        ),
    )
    # No paces: small servers, asked once a post.
    examples = (
        Example(
            f'<iframe title="Pixelfed Post Embed" src="{_FRAME}?caption=true&amp;likes=false&amp;layout=full"'
            ' class="pixelfed__embed" style="max-width: 100%; border: 0" width="400" allowfullscreen="allowfullscreen"></iframe>'
            '<script async defer src="https://pics.example/embed.js"></script>',
            (f"pics.example/mira/{_POST}",),
        ),
        Example(f'<iframe data-src="{_FRAME}" src="about:blank"></iframe>', (f"pics.example/mira/{_POST}",)),
        Example(
            f'<p><a href="https://pics.example/p/mira/{_POST}">A picture</a>, <a href="https://shop.example/p/shoes/48213">shoes</a></p>',
            links=(f"pics.example/mira/{_POST}",),
        ),
        Example(f"<p>https://pics.example/p/mira/{_POST}</p>"),
        Example('<iframe src="https://pics.example/mira/embed" class="pixelfed__embed"></iframe>'),  # a profile
        Example('<iframe src="https://shop.example/p/shoes/48213/embed"></iframe>'),
        Example(
            '<a href="https://news.example/p/6100652f-14d5-44d1-a1f1-4e373a1e2404/2599453165191168">other networks\' posts</a>'
        ),
        Example('<iframe src="https://shop.example/p/shoes/999999999999999999/embed/player"></iframe>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        number = groups["id"] or ""
        return f"{groups['host']}/{groups['user']}/{number}" if _time_of(number) is not None else None

    def canonical_url(self, post_id: str) -> str:
        host, user, number = post_id.split("/")
        return f"https://{host}/p/{user}/{number}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """With the words, which it shows only where it is asked to."""
        return f"{self.canonical_url(post_id)}/embed?caption=true&likes=false&layout=full"

    def posted_at(self, post_id: str) -> str | None:
        return _time_of(post_id.rpartition("/")[2])

    def author_in(self, url: str) -> str | None:
        found = self.parse_url(url)
        return found.split("/")[1] if found is not None else None

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return self.requests_embed_page(post_id)

    def is_reply(self, url: str) -> bool:
        return "/embed" in url and "/p/" in url and self.parse_address(address_of(url)) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        post_id = self.parse_address(address_of(url)) if self.is_reply(url) else None
        if post_id is None:
            return None
        if b"status-card-embed" not in body or status not in (200, 404, 410):
            return Findings()
        if _REMOVED.encode() in body:
            return state_only(self.name, post_id, PostState.TOMBSTONE)
        return Findings(statements=tuple(self._stated(post_id, url, page_tree(url, body)))) if status == 200 else Findings()

    def _stated(self, post_id: str, url: str, tree: LexborHTMLParser) -> Iterator[Statement]:
        if tree.css_first(".status-card-embed a.username") is None:
            return
        yield Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.EMBED_PAGE,
            state=PostState.LIVE,
            author=post_id.split("/")[1],
            text=shown_text(tree.css_first(".caption-container")),
            posted_at=self.posted_at(post_id),
            media=distinct_media(self._pictures(url, tree)),
        )

    def _pictures(self, base: str, tree: LexborHTMLParser) -> Iterator[MediaRef | None]:
        """The small picture that the frame shows, which leads to the large one; the avatar and the server's icon lead nowhere."""
        for node in tree.css(".status-card-embed > a img")[:MAX_PICTURES]:
            address = node.attributes.get("src") or ""
            key = self.media_key(address)
            large = self.media_urls(address)
            yield media_ref(base, large[0] if large else address, key, MediaKind.PICTURE, alt=node.attributes.get("alt"))


def _time_of(number: str) -> str | None:
    """The time that an id holds (ISO 8601, UTC); None for one that holds none."""
    milliseconds = _EPOCH + (int(number) >> 22)
    return time_of_milliseconds(milliseconds, _EARLIEST) if milliseconds < _LATEST.timestamp() * 1_000 else None
