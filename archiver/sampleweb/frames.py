"""Hosts of frames and scripts: platform.twitter.com, AMP's, the maps, and the hosts that wrap other people's embeds."""

import re
from functools import cache
from string import Template

from archiver.sampleweb import pictures
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import DATA

_FILES = {
    "/widgets.js": ("widgets.js", "application/javascript; charset=utf-8"),
    "/embed/Tweet.html": ("Tweet.html", "text/html; charset=utf-8"),
}
AMP_HOST = "cdn.ampproject.org"
_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_AMP = {"/v0.js": b"/* nothing that the sample web needs */\n", "/v0/amp-twitter-0.1.js": None}
MAP_HOST = "liveuamap.com"
TILE = 256  # pixels, as map tiles have


@cache
def _file(name: str) -> bytes:
    return (DATA / name).read_bytes()


def platform_twitter(request: Request) -> Reply:
    """The script that turns boxes into frames, and the frame that shows one tweet from its syndication reply."""
    found = _FILES.get(request.path)
    if found is None:
        return Reply(404)
    return Reply(200, _file(found[0]), found[1], (("access-control-allow-origin", "*"),), etag=True, compress=True)


def map_pages(request: Request) -> Reply:
    """A page with a map of four tiles, whatever place is asked for."""
    if request.path.startswith("/tiles/") and request.path.endswith(".png"):
        return Reply(200, pictures.picture(request.path, TILE, TILE, "png"), "image/png")
    if request.path.startswith(("/embed", "/maps/embed")) or request.path == "/":
        return Reply(200, _file("map.html"), etag=True, compress=True)
    return Reply(404)


def amp_scripts(request: Request) -> Reply:
    """AMP's runtime, which is empty here, and its component of tweets."""
    if request.path not in _AMP:
        return Reply(404)
    body = _AMP[request.path] or _file("amp.js")
    return Reply(200, body, "application/javascript; charset=utf-8", (("access-control-allow-origin", "*"),), etag=True)


def wrapper(request: Request) -> Reply:
    """twitframe.com, cdn.embedly.com: a shell around the frame of the tweet that the query names."""
    found = _STATUS.search(request.query("url") or "")
    source = f"https://platform.twitter.com/embed/Tweet.html?dnt=true&id={found[1]}" if found else "about:blank"
    return Reply(200, Template(_file("wrapper.html").decode()).substitute(source=source).encode())
