"""Posts' own pages in 2026, of networks whose replies do not tell when a post was made: the time stands in the page's markup.

Such markup is known from public code; whether strangers get these pages in 2026 was not seen by anybody here. YouTube's has
microdata, SoundCloud's a `time` for readers without scripts, those of Tumblr, Apple and WordPress JSON-LD, Flickr's and Imgur's
data of an application. Flickr and Apple redirect addresses by the number alone to those with a name in them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from html import escape
from urllib.parse import urlsplit

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

HTML_TYPE = "text/html; charset=utf-8"


class PublicPages:
    """Answers for them from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        self._by_place: dict[tuple[str, str], OtherPost] = {}
        self._by_number: dict[tuple[str, str], str] = {}
        for post in posts:
            if post.network.name in _MARKUP:
                place = urlsplit(post.url)
                self._by_place[place.hostname or "", place.path.rstrip("/") + (f"?{place.query}" if place.query else "")] = post
                if (number := _BY_NUMBER.get(post.network.name)) is not None:
                    self._by_number[place.hostname or "", post.fill(number)] = post.url

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for all that is no post's page."""
        return dict.fromkeys((host for host, _ in self._by_place), self._page)

    def _page(self, request: Request, day: int) -> Reply | None:
        target = request.target.partition("#")[0]
        path, _, query = target.partition("?")
        if (known := self._by_number.get((request.host, target))) is not None:
            return Reply(301, headers=(("Location", known),))
        at = (request.host, path.rstrip("/"))
        post = self._by_place.get(at) or self._by_place.get((at[0], f"{at[1]}?{query}"))
        if post is None:
            return None
        if post.state_on(day) is not State.LIVE:
            return Reply(404, b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>", HTML_TYPE)
        facts = {"og:title": post.text, "og:url": post.url, "og:image": post.values["picture"]}
        head = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in facts.items() if value)
        page = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(post.text)}</title>{head}</head>'
            f"<body>{_MARKUP[post.network.name](post)}<p>{escape(post.text)}</p><p>{escape(post.name)}</p></body></html>"
        )
        return Reply(200, page.encode(), HTML_TYPE, compress=True)


def _microdata(post: OtherPost) -> str:
    return (
        '<div itemscope itemid="" itemtype="http://schema.org/VideoObject">'
        f'<link itemprop="url" href="{escape(post.url)}"><meta itemprop="name" content="{escape(post.text)}">'
        '<span itemprop="author" itemscope itemtype="http://schema.org/Person">'
        f'<link itemprop="name" content="{escape(post.name)}"></span>'
        f'<meta itemprop="datePublished" content="{post.posted_at.isoformat()}">'
        f'<meta itemprop="uploadDate" content="{post.posted_at.isoformat()}"></div>'
    )


def _for_readers_without_scripts(post: OtherPost) -> str:
    time = f"<time pubdate>{post.posted_at:%Y-%m-%dT%H:%M:%SZ}</time>"
    return f'<noscript><article><h1 itemprop="name">{escape(post.text)}</h1>published on {time}</article></noscript>'


def _json_ld(post: OtherPost) -> str:
    data = {
        "@context": "http://schema.org",
        "@type": _KINDS[post.network.name],
        "name": post.text,
        "author": {"@type": "Person", "name": post.name},
        "datePublished": post.posted_at.isoformat(),
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def _flickr_data(post: OtherPost) -> str:
    data = json.dumps({"photo-models": [{"id": post.id, "title": post.text, "datePosted": post.values["seconds"]}]})
    return f'<script class="modelExport">Y.ClientApp.init({{modelExport: {data}}});</script>'


def _imgur_data(post: OtherPost) -> str:
    media = [{"url": each.url} for each in post.pictures]
    data = json.dumps({"id": post.id, "title": post.text, "created_at": post.posted_at.isoformat(), "media": media})
    return f"<script>window.postDataJSON={json.dumps(data)}</script>"


_KINDS = {"tumblr": "SocialMediaPosting", "applepodcasts": "PodcastEpisode", "wordpress": "BlogPosting"}
_BY_NUMBER = {"flickr": "/photo.gne?id=$id", "applepodcasts": "/us/podcast/id$show?i=$id"}
_MARKUP: Mapping[str, Callable[[OtherPost], str]] = {
    "youtube": _microdata,
    "soundcloud": _for_readers_without_scripts,
    "tumblr": _json_ld,
    "applepodcasts": _json_ld,
    "wordpress": _json_ld,
    "flickr": _flickr_data,
    "imgur": _imgur_data,
}
