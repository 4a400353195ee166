"""pbs.twimg.com and video.twimg.com: pictures in several sizes, posters and mp4 files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.sampleweb import pictures
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import Tweet

# Three ways to name one picture: KEY?format=jpg&name=orig, KEY.jpg:large, KEY.jpg (which is what "medium" looks like).
_MEDIA = re.compile(r"/media/(?P<key>[\w-]+)(?:\.(?P<extension>jpg|png))?(?::(?P<size>\w+))?")
_FACE = re.compile(r"/profile_images/(?P<user>\d+)/\w+\.jpg")
_ORIGINALS = ("orig", "4096x4096")
_GONE = Reply(404, content_type="text/plain", headers=(("x-error", "not found"),))
_KEPT = datetime(2022, 11, 13, tzinfo=UTC)  # Last-Modified of everything here
POSTER = (1280, 720)
CARD = (800, 419)


@dataclass(frozen=True, slots=True)
class _Still:
    """A picture that is up on some days."""

    tweet: Tweet
    width: int
    height: int
    extension: str
    original: bool


class MediaHosts:
    """Answers for both hosts from the table of tweets."""

    def __init__(self, tweets: Iterable[Tweet]) -> None:
        self._stills: dict[str, _Still] = {}
        self._posters: dict[str, Tweet] = {}
        self._cards: dict[str, Tweet] = {}
        self._videos: dict[str, tuple[Tweet, int]] = {}
        for tweet in tweets:
            for each in tweet.pictures:
                self._stills[each.key] = _Still(tweet, each.width, each.height, each.extension, each.original)
            if tweet.article:
                cover = tweet.article.cover
                self._stills[cover.key] = _Still(tweet, cover.width, cover.height, cover.extension, cover.original)
            if tweet.card:
                self._cards[_path(tweet.card.picture)] = tweet
            if tweet.video:
                self._posters[_path(tweet.video.poster_url)] = tweet
                self._videos |= {_path(url): (tweet, rate) for rate, url in tweet.video.mp4_urls.items()}

    def pictures(self, request: Request, day: int) -> Reply:
        """pbs.twimg.com"""
        if match := _MEDIA.fullmatch(request.path):
            return self._picture(match, request, day)
        if tweet := self._posters.get(request.path):
            return _GONE if _gone(tweet, day) else _jpeg(pictures.picture(request.path, *POSTER, quality=75))
        if tweet := self._cards.get(request.path):
            return _GONE if _gone(tweet, day) else _jpeg(pictures.picture(request.path, *CARD))
        if match := _FACE.fullmatch(request.path):
            return _jpeg(pictures.picture(f"face {match['user']}", 48, 48))
        return _GONE

    def _picture(self, match: re.Match[str], request: Request, day: int) -> Reply:
        still = self._stills.get(match["key"])
        size = match["size"] or request.query("name") or "medium"
        extension = match["extension"] or request.query("format") or "jpg"
        if still is None or _gone(still.tweet, day) or extension != still.extension:
            return _GONE
        if size in _ORIGINALS and not still.original:
            return _GONE
        data = pictures.scaled(match["key"], still.width, still.height, extension, size)
        if data is None:
            return _GONE
        kind = "image/png" if extension == "png" else "image/jpeg"
        return Reply(body=data, content_type=kind, headers=_headers(), modified=_KEPT)

    def videos(self, request: Request, day: int) -> Reply:
        """video.twimg.com: Range is answered; playlists are not there."""
        found = self._videos.get(request.path)
        if found is None or _gone(found[0], day):
            return _GONE
        data = pictures.video(request.path, found[1])
        return Reply(body=data, content_type="video/mp4", headers=_headers(), modified=_KEPT, etag=True, ranges=True)


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3].split("?")[0]


def _gone(tweet: Tweet, day: int) -> bool:
    return tweet.change_on(day).media_gone


def _jpeg(data: bytes) -> Reply:
    return Reply(body=data, content_type="image/jpeg", headers=_headers(), modified=_KEPT)


def _headers() -> tuple[tuple[str, str], ...]:
    return (("cache-control", "max-age=604800, must-revalidate"), ("access-control-allow-origin", "*"), ("x-cache", "HIT"))
