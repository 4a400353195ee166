"""Hosts of frames and scripts that are no social network's: maps, and AMP's runtime."""

from functools import cache

from archiver.sampleweb import pictures
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import DATA

AMP_HOST = "cdn.ampproject.org"
_AMP = {"/v0.js": b"/* nothing that the sample web needs */\n", "/v0/amp-twitter-0.1.js": None}
MAP_HOST = "liveuamap.com"
TILE = 256  # pixels, as map tiles have


@cache
def _file(name: str) -> bytes:
    return (DATA / name).read_bytes()


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
