"""The platforms that are recognised, in their order, and which of them knows a URL, a short link or a medium."""

import re
from collections.abc import Iterator

from archiver.html import deferred_markup, embed_candidates
from archiver.html.addresses import address_of, domains_of
from archiver.html.embed_candidates import ANYWHERE
from archiver.html.raw_text import KeywordIndex
from archiver.model.findings import PostRef, PostState
from archiver.platforms.base import Platform
from archiver.platforms.bluesky.platform import Bluesky
from archiver.platforms.dailymotion import Dailymotion
from archiver.platforms.facebook import Facebook
from archiver.platforms.flickr import Flickr
from archiver.platforms.framed import Framed
from archiver.platforms.gab import Gab
from archiver.platforms.giphy import Giphy
from archiver.platforms.imgur import Imgur
from archiver.platforms.instagram import Instagram
from archiver.platforms.linkedin import LinkedIn
from archiver.platforms.loops import Loops
from archiver.platforms.mastodon import Mastodon
from archiver.platforms.misskey import Misskey
from archiver.platforms.odysee import Odysee
from archiver.platforms.oembed import OEmbed
from archiver.platforms.parler import Parler
from archiver.platforms.peertube import PeerTube
from archiver.platforms.pinterest import Pinterest
from archiver.platforms.pixelfed import Pixelfed
from archiver.platforms.reddit.platform import Reddit
from archiver.platforms.rumble import Rumble
from archiver.platforms.snapchat import Snapchat
from archiver.platforms.soundcloud import SoundCloud
from archiver.platforms.spotify import Spotify
from archiver.platforms.streamable import Streamable
from archiver.platforms.substack import Substack
from archiver.platforms.telegram import Telegram
from archiver.platforms.threads import Threads
from archiver.platforms.tiktok import TikTok
from archiver.platforms.truthsocial import TruthSocial
from archiver.platforms.tumblr import Tumblr
from archiver.platforms.twitch import Twitch
from archiver.platforms.twitter.platform import Twitter
from archiver.platforms.vimeo import Vimeo
from archiver.platforms.vine import Vine
from archiver.platforms.vk import VK
from archiver.platforms.youtube import YouTube
from archiver.urls import host_of, url_key

PLATFORMS: tuple[Platform, ...] = (
    Twitter(),
    Bluesky(),
    Mastodon(),
    Threads(),
    Telegram(),
    Facebook(),
    Instagram(),
    TikTok(),
    YouTube(),
    VK(),
    Reddit(),
    Tumblr(),
    LinkedIn(),
    Pinterest(),
    Flickr(),
    Imgur(),
    Giphy(),
    Vimeo(),
    Dailymotion(),
    Twitch(),
    Streamable(),
    Rumble(),
    Odysee(),
    SoundCloud(),
    Spotify(),
    TruthSocial(),
    Gab(),
    Vine(),
    Snapchat(),
    Substack(),
    PeerTube(),
    Misskey(),
    Pixelfed(),
    Loops(),
    Parler(),
    Framed(),
    OEmbed(),
)

_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z]{2,10}://", re.I)  # `at://…`, which Bluesky's embed codes have
_BY_NAME = {platform.name: platform for platform in PLATFORMS}
_BY_DOMAIN: dict[str, tuple[Platform, ...]] = {}
for _platform in PLATFORMS:
    for _domain in dict.fromkeys(_platform.hosts):
        _BY_DOMAIN[_domain] = (*_BY_DOMAIN.get(_domain, ()), _platform)
_BY_MEDIA_PART = [(part, platform) for platform in PLATFORMS for part in platform.media_anywhere]


_NEVER_LOADED = frozenset(host for platform in PLATFORMS for host in platform.never_loaded)

KEYWORDS = KeywordIndex(
    (*deferred_markup.KEYWORDS, *embed_candidates.KEYWORDS, *(word for platform in PLATFORMS for word in platform.keywords()))
)
"""All keywords that pages are searched for: `Document(url, html, KEYWORDS)`."""


def platform_named(name: str) -> Platform | None:
    """The platform of that name; None for names of platforms that this version does not know."""
    return _BY_NAME.get(name)


def platforms_at(url: str) -> Iterator[Platform]:
    """The platforms that may know a URL: those of its host, then those that are on any host; of another scheme all."""
    if _OTHER_SCHEME.match(url):
        yield from PLATFORMS
        return
    for domain in domains_of(address_of(url)):
        yield from _BY_DOMAIN.get(domain, ())
    yield from _BY_DOMAIN[ANYWHERE]


def is_never_loaded(url: str) -> bool:
    """Whether no browser is to be given what this URL answers: see `Platform.never_loaded`."""
    return not _NEVER_LOADED.isdisjoint(domains_of(host_of(url)))


def post_of_url(url: str) -> PostRef | None:
    """The post that a URL of any form names; None for other URLs."""
    for platform in platforms_at(url):
        if (post_id := platform.parse_url(url)) is not None:
            return PostRef(platform.name, post_id)
    return None


def is_platform_host(url: str) -> bool:
    """Whether a URL's host belongs to a platform, so that what this platform does not claim there is no post."""
    domains = domains_of(address_of(url))
    return any(platform.whole_hosts for domain in domains for platform in _BY_DOMAIN.get(domain, ()))


def short_link_of(reference: str) -> str | None:
    """The key of a short link in any spelling, `t.co/CODE`; None for other references."""
    return next((key for platform in PLATFORMS if (key := platform.short_link(reference)) is not None), None)


def media_key_of(url: str) -> str:
    """One key for all addresses of a picture or video: the platform's where one knows the URL, else the URL's own key."""
    return next((key for platform in _media_platforms(url) if (key := platform.media_key(url)) is not None), None) or url_key(url)


def media_urls_of(url: str) -> tuple[str, ...]:
    """The addresses to try for a medium, the original first; only its own where no platform knows it."""
    return next((urls for platform in _media_platforms(url) if (urls := platform.media_urls(url))), (url,))


def _media_platforms(url: str) -> Iterator[Platform]:
    yield from platforms_at(url)
    yield from (platform for part, platform in _BY_MEDIA_PART if part in url)


def stand_in(url: str, sha256: str) -> PostState | None:
    """Why a platform's host served this file in place of a picture that was asked for: `gone`, `withheld`; None for others."""
    return next((platform.stand_ins[sha256] for platform in platforms_at(url) if sha256 in platform.stand_ins), None)


def platform_of_reply(url: str) -> Platform | None:
    """The platform that reads what this URL answers; None for other URLs. Called for every capture, so cheap."""
    return next((platform for platform in platforms_at(url) if platform.is_reply(url)), None)
