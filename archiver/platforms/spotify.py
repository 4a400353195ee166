"""Spotify: tracks, albums, playlists, shows and episodes, and podcasts that it hosts (once Anchor)."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.html.addresses import value_in
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, Marker, MediaForm

_KIND = r"(?P<kind>track|episode|show|album|playlist)"
_ID = r"(?P<id>[A-Za-z0-9]{22})(?![A-Za-z0-9])"
_SITE = r"(?:open|play|embed)\.spotify\.com"
_USER = r"(?:user/[^/?#:]{1,80}/)?"
_URI = Pattern(rf"spotify:(?:user:[^:]{{1,80}}:)?{_KIND}:{_ID}")
# The number of an episode stands behind words: `rye-bread-e1a2b3c`; that of the sound in it may follow, `/a-a4d5e6f`.
_POD = r"(?:pod/(?:show|profile)/)?(?P<pod>[\w.-]{2,80})"
_EPISODE = r"episodes/(?P<episode>[^/?#\s]{0,300}?-?e[a-z0-9]{5,12})(?![\w-])"


class Spotify(Declared):
    """Ids are `KIND/CODE`, as in addresses; of hosted podcasts `pod/NAME/EPISODE`. Artists and listeners are profiles."""

    name = "spotify"
    title = "Spotify"
    doors = (
        Door("oembed", "2026", "Spotify's documentation; no report that it changed until 2026-09"),
        Door("embed_page", "2026", "Spotify's documentation; no report that it changed until 2026-09"),
    )
    hosts = ("spotify.com", "spotify.link", "spoti.fi", "spotify.app.link", "anchor.fm", "scdn.co")
    urls = (
        Pattern(rf"{_SITE}/(?:intl-[\w-]+/)?(?:embed(?:-podcast|-legacy)?/)?{_USER}{_KIND}/{_ID}", re.I),
        Pattern(rf"(?:podcasters|creators)\.spotify\.com/{_POD}/(?:embed/)?{_EPISODE}", re.I),
        Pattern(rf"anchor\.fm/{_POD}/(?:embed/)?{_EPISODE}", re.I),
    )
    canonical = "https://open.spotify.com/{id}"
    markers = (
        Marker("[data-spotify-id]", ("data-spotify-id",), EmbedKind.PLACEHOLDER, _URI),
        # tarteaucitron's consent banner
        Marker(".spotify_player", ("spotify_id", "data-spotify-id"), EmbedKind.PLACEHOLDER, Pattern(rf"^\s*{_KIND}/{_ID}\s*$")),
    )
    short_urls = (
        Pattern(r"spotify\.link/\w{6,20}"),
        Pattern(r"spoti\.fi/\w{4,20}"),
        Pattern(r"spotify\.app\.link/\w{6,20}"),
        Pattern(r"link\.tospotify\.com/\w{6,20}"),
    )
    media_forms = (
        # The beginning of a cover's name is its size: 64, 300 or 640 pixels, as gathered from public code [?].
        MediaForm(
            Pattern(r"(?P<at>i\.scdn\.co/image/ab67616d(?:0000b273|00001e02|00004851)(?P<key>[0-9a-f]{24}))"),
            "i.scdn.co/{key}",
            ("https://i.scdn.co/image/ab67616d0000b273{key}", "https://{at}"),
        ),
    )
    oembed = "https://open.spotify.com/oembed?url={url}"
    paces: ClassVar[dict[str, float]] = {"open.spotify.com": 0.5, "i.scdn.co": 0.2}
    # Spotify's iframe API: `IFrameAPI.createController(element, {uri: "spotify:episode:…"}, …)`.
    players = (
        ScriptPlayer(
            "createController",
            Pattern(rf"createController\([^;]{{0,300}}?\buri[\"']?\s{{0,9}}:\s{{0,9}}[\"']spotify:{_KIND}:{_ID}"),
        ),
    )
    examples = (
        Example(
            "<script>window.onSpotifyIframeApiReady = (api) => { api.createController(document.getElementById('e'), "
            "{width: '100%', uri: 'spotify:episode:1aBcDeFgHiJkLmNoPqRsTu'}, (c) => {}); };</script>",
            ("episode/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe src="https://open.spotify.com/embed/episode/1aBcDeFgHiJkLmNoPqRsTu?utm_source=generator"></iframe>',
            ("episode/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe src="https://open.spotify.com/embed-podcast/show/1aBcDeFgHiJkLmNoPqRsTu"></iframe>',
            ("show/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe src="https://embed.spotify.com/?uri=spotify%3Atrack%3A1aBcDeFgHiJkLmNoPqRsTu"></iframe>',
            ("track/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe src="https://embed.spotify.com/?uri=spotify:user:mira:playlist:1aBcDeFgHiJkLmNoPqRsTu"></iframe>',
            ("playlist/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe data-src="https://open.spotify.com/embed/user/mira/playlist/1aBcDeFgHiJkLmNoPqRsTu"></iframe>',
            ("playlist/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<iframe src="https://podcasters.spotify.com/pod/show/rye-talk/embed/episodes/Rye-and-wheat-e1a2b3c/a-a4d5e6f"></iframe>',
            ("pod/rye-talk/Rye-and-wheat-e1a2b3c",),
        ),
        Example(
            '<iframe src="https://anchor.fm/rye-talk/embed/episodes/Rye-and-wheat-e1a2b3c"></iframe>',
            ("pod/rye-talk/Rye-and-wheat-e1a2b3c",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://open.spotify.com/album/1aBcDeFgHiJkLmNoPqRsTu\n</div></figure>",
            ("album/1aBcDeFgHiJkLmNoPqRsTu",),
        ),
        Example(
            '<p><a href="https://open.spotify.com/intl-de/track/1aBcDeFgHiJkLmNoPqRsTu?si=x">One</a>, <a href="http://play.spotify.com/album/'
            '2aBcDeFgHiJkLmNoPqRsTu">two</a>, <a href="https://spotify.link/aBcDeFgHiJ">three</a></p>',
            short_links=("spotify.link/aBcDeFgHiJ",),
            links=("track/1aBcDeFgHiJkLmNoPqRsTu", "album/2aBcDeFgHiJkLmNoPqRsTu"),
        ),
        Example('<iframe src="https://open.spotify.com/embed/artist/1aBcDeFgHiJkLmNoPqRsTu"></iframe>'),
        Example('<iframe src="https://embed.spotify.com/follow/1/?uri=spotify:artist:1aBcDeFgHiJkLmNoPqRsTu"></iframe>'),
        Example(
            '<p><a href="https://open.spotify.com/user/mira">mira</a> <a href="https://podcasters.spotify.com/pod/show/rye-talk">talk</a></p>'
        ),
        Example('<script src="https://open.spotify.com/embed/iframe-api/v1" async></script>'),
    )

    def parse_url(self, url: str) -> str | None:
        found = _URI.match(url)
        return self.id_of(found.groupdict()) if found else super().parse_url(url)

    def parse_address(self, address: str) -> str | None:
        post_id = super().parse_address(address)
        if post_id is None and "uri=" in address and address.startswith(("embed.spotify.com/", "open.spotify.com/")):
            found = _URI.match(value_in(address, "uri") or "")
            return self.id_of(found.groupdict()) if found else None
        return post_id

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if name := groups.get("pod"):
            return f"pod/{name}/{groups['episode']}"
        return f"{(groups['kind'] or '').lower()}/{groups['id']}"

    def canonical_url(self, post_id: str) -> str:
        kind, _, rest = post_id.partition("/")
        if kind != "pod":
            return super().canonical_url(post_id)
        name, _, episode = rest.partition("/")
        return f"https://podcasters.spotify.com/pod/show/{name}/episodes/{episode}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        if post_id.startswith("pod/"):
            return self.canonical_url(post_id).replace("/episodes/", "/embed/episodes/")
        return f"https://open.spotify.com/embed/{post_id}"

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed knows what Spotify's own player plays."""
        return () if post_id.startswith("pod/") else super().requests_about(post_id)
