"""SoundCloud: sounds and playlists, by number or by the words of their address."""

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from archiver.html.addresses import address_of, host_in, value_in
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, Marker, MediaForm
from archiver.platforms.public_pages import page_door, page_request, read_public_page

_NUMBER = r"(?P<kind>tracks|playlists)/(?:soundcloud(?::|%3A)(?:tracks|playlists)(?::|%3A))?(?P<id>\d{1,15})(?!\d)"
_SECRET = r"(?:/(?P<secret>s-\w{3,40}))?"
_USER = r"(?P<user>[\w-]{1,60})"
_PLAYERS = Pattern(r"(?:w|player|p)\.soundcloud\.com$")
# First parts of a path that are no users, and second ones that are lists of a user's.
_NOT_USERS = frozenset(
    (
        *(
            "you",
            "discover",
            "search",
            "stream",
            "charts",
            "upload",
            "pages",
            "jobs",
            "settings",
            "messages",
            "notifications",
            "people",
        ),
        *(
            "tags",
            "explore",
            "groups",
            "login",
            "signin",
            "logout",
            "pro",
            "go",
            "mobile",
            "imprint",
            "player",
            "oembed",
            "connect",
            "download",
        ),
        *(
            "tracks",
            "playlists",
            "users",
            "terms-of-use",
            "community-guidelines",
            "stations",
            "feed",
            "artists",
            "popular",
            "share",
        ),
    )
)
_LISTS = frozenset(
    (
        *(
            "sets",
            "tracks",
            "albums",
            "likes",
            "reposts",
            "followers",
            "following",
            "comments",
            "groups",
            "favorites",
            "spotlight",
        ),
        *("popular-tracks", "toptracks", "info", "playlists", "recommended"),
    )
)


class SoundCloud(Declared):
    """Ids are `tracks/NUMBER`, `playlists/NUMBER`, or `USER/SOUND` and `USER/sets/PLAYLIST` as an address has them.

    Which number goes with which words only SoundCloud knows, so both stay as they are. What is not public has a secret in
    its address and is there for nobody without it: then that is part of the id (`tracks/NUMBER/s-SECRET`).
    """

    name = "soundcloud"
    title = "SoundCloud"
    doors = (
        Door("oembed", "2025-12", "soundcloud/api#491: answered 403 with a web page for some days, mended", verified=True),
        page_door(
            "2025",
            "public programs: words for readers without scripts",
            "only for the day of a sound, and of what an address names by words: of a number alone no page is known",
        ),
        Door("embed_page", "2026", "SoundCloud's documentation; no report that it changed until 2026-09"),
    )
    hosts = ("soundcloud.com", "snd.sc", "soundcloud.app.goo.gl", "sndcdn.com")
    urls = (
        Pattern(rf"api(?:-v2)?\.soundcloud\.com/{_NUMBER}{_SECRET}", re.I),
        Pattern(rf"soundcloud\.com/{_USER}/sets/(?P<set>[\w-]{{1,200}}){_SECRET}", re.I),
        Pattern(rf"soundcloud\.com/{_USER}/(?P<sound>[\w-]{{1,200}}){_SECRET}", re.I),
    )
    canonical = "https://soundcloud.com/{id}"
    markers = (
        *(
            Marker(
                "[data-playable-id]", ("data-playable-id",), EmbedKind.PLACEHOLDER, value, requires=("data-playable-type", kind)
            )
            for value, kind in (  # tarteaucitron's consent banner
                (Pattern(r"^\s*(?P<id>\d{1,15})\s*$"), Pattern("^tracks?$")),
                (Pattern(r"^\s*(?P<playlist>\d{1,15})\s*$"), Pattern("^playlists?$")),
            )
        ),
        Marker("amp-soundcloud", ("data-trackid",), EmbedKind.AMP, Pattern(r"^\s*(?P<id>\d{1,15})\s*$")),
        Marker("amp-soundcloud", ("data-playlistid",), EmbedKind.AMP, Pattern(r"^\s*(?P<playlist>\d{1,15})\s*$")),
    )
    short_urls = (
        Pattern(r"on\.soundcloud\.com/\w{4,30}"),
        Pattern(r"snd\.sc/\w{3,20}"),
        Pattern(r"soundcloud\.app\.goo\.gl/\w{4,30}"),
    )
    media_forms = (
        MediaForm(
            Pattern(
                r"(?P<at>i\d\.sndcdn\.com/artworks-(?P<key>[\w-]+?)-(?:t\d+x\d+|large|original|crop|badge|small|tiny|mini)\.(?P<type>jpe?g|png))"
            ),
            "i1.sndcdn.com/artworks-{key}",
            (
                "https://i1.sndcdn.com/artworks-{key}-original.{type}",
                "https://i1.sndcdn.com/artworks-{key}-t500x500.{type}",
                "https://{at}",
            ),
        ),
    )
    oembed = "https://soundcloud.com/oembed?format=json&url={url}"
    paces: ClassVar[dict[str, float]] = {"soundcloud.com": 1.0, "i1.sndcdn.com": 0.2}
    examples = (
        Example(
            '<iframe src="https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/123456789&amp;color=%23ff5500"></iframe>',
            ("tracks/123456789",),
        ),
        Example(
            '<iframe src="https://w.soundcloud.com/player/?visual=true&amp;url=https%3A%2F%2Fapi.soundcloud.com%2Fplaylists%2F1234567"></iframe>',
            ("playlists/1234567",),
        ),
        Example(
            '<iframe src="https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/soundcloud%253Atracks%253A123456789"></iframe>'
            '<div><a href="https://soundcloud.com/mira" title="mira">mira</a> · <a href="https://soundcloud.com/mira/rye-song">Rye</a></div>',
            ("tracks/123456789",),
            links=("mira/rye-song",),
        ),
        Example(
            '<iframe src="https://w.soundcloud.com/player/?url=https%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F5%3Fsecret_token%3Ds-aBcDe"></iframe>',
            ("tracks/5/s-aBcDe",),
        ),
        Example(
            '<iframe src="https://w.soundcloud.com/player/?url=https://soundcloud.com/mira/sets/rye-songs"></iframe>',
            ("mira/sets/rye-songs",),
        ),
        Example(
            '<object><param name="movie" value="http://player.soundcloud.com/player.swf?url=http%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F98765">'
            '<embed src="http://player.soundcloud.com/player.swf?url=http%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F98765"></object>',
            ("tracks/98765",),
        ),
        Example(
            '<amp-soundcloud data-trackid="123456789" layout="fixed-height" height="200"></amp-soundcloud>', ("tracks/123456789",)
        ),
        Example('<amp-soundcloud data-playlistid="1234567" data-secret-token="s-x"></amp-soundcloud>', ("playlists/1234567",)),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://soundcloud.com/mira/rye-song?utm_source=x\n</div></figure>",
            ("mira/rye-song",),
        ),
        Example(
            '<p>Hear <a href="https://m.soundcloud.com/mira/rye-song#t=0:53">this</a>, <a href="https://on.soundcloud.com/aBcDe">that</a></p>',
            short_links=("on.soundcloud.com/aBcDe",),
            links=("mira/rye-song",),
        ),
        Example('<iframe src="https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/users/12345"></iframe>'),
        Example(
            '<p>I am <a href="https://soundcloud.com/mira">mira</a>: <a href="https://soundcloud.com/mira/sets">my lists</a></p>'
        ),
        Example(
            '<p><a href="https://soundcloud.com/discover/sets/new">new</a> <a href="https://soundcloud.com/pages/privacy">privacy</a></p>'
        ),
        Example('<script src="https://w.soundcloud.com/player/api.js"></script>'),
    )

    def parse_address(self, address: str) -> str | None:
        if _PLAYERS.match(host_in(address)) is None:
            return super().parse_address(address)
        played = value_in(address, "url") or ""
        inner = address_of(played if "//" in played else f"https://api.soundcloud.com/{played.lstrip('/')}")
        if not inner or _PLAYERS.match(host_in(inner)):
            return None
        post_id = super().parse_address(inner)
        secret = value_in(inner, "secret_token") or value_in(address, "secret_token") or ""
        if post_id is None or "/s-" in post_id or re.fullmatch(r"s-\w{3,40}", secret) is None:
            return post_id
        return f"{post_id}/{secret}"

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        user, sound, secret = groups.get("user"), groups.get("sound"), groups.get("secret")
        if playlist := groups.get("playlist"):
            return f"playlists/{playlist}"
        if user is None:
            post_id = f"{(groups.get('kind') or 'tracks').lower()}/{groups['id']}"
        elif user.lower() in _NOT_USERS or (sound is not None and sound.lower() in _LISTS):
            return None
        else:
            post_id = f"{user}/{sound}" if sound is not None else f"{user}/sets/{groups['set']}"
        return f"{post_id}/{secret}" if secret else post_id

    def canonical_url(self, post_id: str) -> str:
        """The page; for a number the player, which is all that opens to a reader."""
        kind, number, secret = (*post_id.split("/"), "", "")[:3]
        if kind not in ("tracks", "playlists"):
            return super().canonical_url(post_id)
        return f"https://w.soundcloud.com/player/?url={quote(_api_url(kind, number, secret), safe='')}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player, which takes a page's address for a number's."""
        page = self.canonical_url(post_id)
        return page if "/player/?" in page else f"https://w.soundcloud.com/player/?url={quote(page, safe='')}"

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed; and the page, of what has one for readers: a number alone has none."""
        page = self.canonical_url(post_id)
        return (*super().requests_about(post_id), *([page_request(page)] if "/player/?" not in page else []))

    def is_reply(self, url: str) -> bool:
        return super().is_reply(url) or self._own_page(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        post_id = self._own_page(url)
        if post_id is not None:
            return read_public_page(self, post_id, url, status, body)
        return super().read_reply(url, status, location, body)

    def _own_page(self, url: str) -> str | None:
        """The post whose page a URL is, written as `canonical_url` writes it."""
        if not url.startswith("https://soundcloud.com/") or "?" in url:
            return None
        post_id = self.parse_url(url)
        return post_id if post_id is not None and self.canonical_url(post_id) == url else None

    def _oembed_url(self, post_id: str) -> str:
        kind, number, secret = (*post_id.split("/"), "", "")[:3]
        if kind not in ("tracks", "playlists"):
            return super()._oembed_url(post_id)
        return (self.oembed or "").format(url=quote(_api_url(kind, number, secret), safe=""))

    def author_in(self, url: str) -> str | None:
        found = re.fullmatch(rf"soundcloud\.com/{_USER}/?", address_of(url), re.I)
        return found["user"] if found and found["user"].lower() not in _NOT_USERS else None


def _api_url(kind: str, number: str, secret: str) -> str:
    return f"https://api.soundcloud.com/{kind}/{number}" + (f"?secret_token={secret}" if secret else "")
