"""The platforms that are recognised, in the order in which they are asked, and who answers for a reference."""

from collections.abc import Iterator

from archiver.findings import PostRef
from archiver.platforms.addresses import address_of, domains_of
from archiver.platforms.base import Platform
from archiver.platforms.carriers import ANYWHERE
from archiver.platforms.twitter import Twitter
from archiver.platforms.youtube import YouTube
from archiver.urls import url_key

PLATFORMS: tuple[Platform, ...] = (Twitter(), YouTube())

_BY_NAME = {platform.name: platform for platform in PLATFORMS}
_BY_DOMAIN = {
    domain: tuple(platform for platform in PLATFORMS if domain in platform.hosts)
    for domain in dict.fromkeys(domain for platform in PLATFORMS for domain in platform.hosts)
}


def platform_named(name: str) -> Platform | None:
    """The platform of that name; None for names of platforms that this version does not know."""
    return _BY_NAME.get(name)


def platforms_at(url: str) -> Iterator[Platform]:
    """The platforms that may know a URL: those of its host, then those that are on any host."""
    for domain in domains_of(address_of(url)):
        yield from _BY_DOMAIN.get(domain, ())
    yield from _BY_DOMAIN[ANYWHERE]


def post_of_url(url: str) -> PostRef | None:
    """The post that a URL of any form names; None for other URLs."""
    for platform in platforms_at(url):
        if (post_id := platform.parse_url(url)) is not None:
            return PostRef(platform.name, post_id)
    return None


def short_link_of(reference: str) -> str | None:
    """The key of a short link in any spelling, `t.co/CODE`; None for other references."""
    return next((key for platform in PLATFORMS if (key := platform.short_link(reference)) is not None), None)


def media_key_of(url: str) -> str:
    """One key for all addresses of a picture or video: the platform's where one knows the URL, else the URL's own key."""
    return next((key for platform in platforms_at(url) if (key := platform.media_key(url)) is not None), None) or url_key(url)


def media_urls_of(url: str) -> tuple[str, ...]:
    """The addresses to try for a medium, the original first; only its own where no platform knows it."""
    return next((urls for platform in platforms_at(url) if (urls := platform.media_urls(url))), (url,))


def answering(url: str) -> Platform | None:
    """The platform whose reply a URL gives; None for all that is no such request. Asked of every capture."""
    return next((platform for platform in platforms_at(url) if platform.is_reply(url)), None)
