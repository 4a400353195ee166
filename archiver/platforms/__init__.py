"""The platforms that are recognised, in the order in which they are asked, and who answers for a reference."""

from archiver.findings import PostRef
from archiver.platforms.base import Platform
from archiver.platforms.twitter import Twitter
from archiver.urls import url_key

PLATFORMS: tuple[Platform, ...] = (Twitter(),)


def platform_named(name: str) -> Platform | None:
    """The platform of that name; None for names of platforms that this version does not know."""
    return next((platform for platform in PLATFORMS if platform.name == name), None)


def post_of_url(url: str) -> PostRef | None:
    """The post that a URL of any form names; None for other URLs."""
    for platform in PLATFORMS:
        if (post_id := platform.parse_url(url)) is not None:
            return PostRef(platform.name, post_id)
    return None


def short_link_of(reference: str) -> str | None:
    """The key of a short link in any spelling, `t.co/CODE`; None for other references."""
    return next((key for platform in PLATFORMS if (key := platform.short_link(reference)) is not None), None)


def media_key_of(url: str) -> str:
    """One key for all addresses of a picture or video: the platform's where one knows the URL, else the URL's own key."""
    return next((key for platform in PLATFORMS if (key := platform.media_key(url)) is not None), None) or url_key(url)
