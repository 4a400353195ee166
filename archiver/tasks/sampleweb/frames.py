"""Hosts of frames and scripts: platform.twitter.com, the map, and the hosts that wrap other people's embeds."""

from functools import cache

from archiver.tasks.sampleweb import pictures
from archiver.tasks.sampleweb.exchanges import Reply, Request
from archiver.tasks.sampleweb.tweets import DATA

_FILES = {
    "/widgets.js": ("widgets.js", "application/javascript; charset=utf-8"),
    "/embed/Tweet.html": ("Tweet.html", "text/html; charset=utf-8"),
}
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
    if request.path.startswith("/embed") or request.path == "/":
        return Reply(200, _file("map.html"), etag=True, compress=True)
    return Reply(404)


def wrapper(_request: Request) -> Reply:
    """twitframe.com, cdn.embedly.com: a shell without content, since the content would come by script."""
    return Reply(200, b"<!DOCTYPE html><html><head><title>Embed</title></head><body><div id=content></div></body></html>")
