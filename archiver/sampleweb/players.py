"""Networks of videos in 2026: players that want to know where they stand, and pages that strangers do not get.

YouTube's player wants a Referer: without one it shows "Error 153" (documented 2025-07-09, in force since about 2025-09-30;
memry#1627, 2026-08). Vimeo's pages are 403 behind a firewall (yt-dlp#16722, 2026-08-05), its oEmbed is not; a video that may be
played on some sites only says so in its player elsewhere (player.js#846). VK has moved to vk.ru and vkvideo.ru (vk-php-sdk#127,
2025-09-30) and has strangers' browsers compute something first: `challenge.html?hash429=…`, cookie `solution429` (yt-dlp
acfc00a955, 2026-02). TikTok's player is `player/v1` (its documentation, 2026-10-23), the older frame is still there.
Dailymotion's API and PeerTube's are as documented.
"""

import json
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from archiver.sampleweb.embeds import frame_page, gone_page
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

HTML_TYPE = "text/html; charset=utf-8"
MISSING_REFERRER = "ERROR_CODE_EMBEDDER_IDENTITY_MISSING_REFERRER"
ELSEWHERE_ONLY = "Because of its privacy settings, this video cannot be played here."
_FIREWALL = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>vimeo.com</h1>"
    b"<p>Verify you are human by completing the action below.</p></body></html>"
)
_CHALLENGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>VK</title></head><body><p>...</p><script>
var asked = new URLSearchParams(location.search);
var key = asked.get("hash429").split("").reverse().join("");
asked.set("key", key);
location.replace("/challenge.html?" + asked);
</script></body></html>"""


class Players:
    """Answers for their hosts from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        names = ("youtube", "vimeo", "vk", "dailymotion", "peertube")
        self._posts = [post for post in posts if post.network.name in names]

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for what is as it was in 2022."""
        return {
            "www.youtube.com": self._youtube,
            "www.youtube-nocookie.com": self._youtube,
            "vimeo.com": _vimeo,
            "player.vimeo.com": self._vimeo_player,
            "vk.com": _to_vk_ru,
            "vk.ru": self._vk,
            "vkvideo.ru": self._vk,
            "api.dailymotion.com": self._dailymotion,
            "tube.shore.example": self._peertube,
        }

    def _of(self, network: str) -> list[OtherPost]:
        return [post for post in self._posts if post.network.name == network]

    def _youtube(self, request: Request, day: int) -> Reply | None:
        if not request.path.startswith("/embed/"):
            return None
        network = self._of("youtube")[0].network
        if not request.headers.get("referer", "").startswith("https://"):
            config = json.dumps({"previewPlayabilityStatus": {"status": "ERROR", "errorCode": MISSING_REFERRER}})
            return gone_page(network, "Error 153 Video player configuration error", more=f"<script>var cfg = {config};</script>")
        post = next((post for post in self._of("youtube") if post.id == request.path.split("/")[2]), None)
        if post is None:
            return gone_page(network, "Video unavailable")
        return frame_page(post) if post.state_on(day) is State.LIVE else gone_page(network)

    def _vimeo_player(self, request: Request, day: int) -> Reply | None:
        post = next((post for post in self._of("vimeo") if request.path == f"/video/{post.id}"), None)
        if post is None or post.state_on(day) is not State.LIVE or "only_on" not in post.more:
            return None
        if urlsplit(request.headers.get("referer", "")).hostname == post.more["only_on"]:
            return frame_page(post)
        return gone_page(post.network, ELSEWHERE_ONLY, 403)

    def _vk(self, request: Request, day: int) -> Reply | None:
        if request.path == "/challenge.html":
            return _solved(request)
        if request.path == "/robots.txt":
            return Reply(404, b"", "text/plain")
        stranger = md5(f"{request.host}{request.target}".encode(), usedforsecurity=False).hexdigest()
        if "solution429=" not in request.headers.get("cookie", ""):
            back = quote(f"https://{request.host}{request.target}", safe="")
            place = f"https://{request.host}/challenge.html?hash429={stranger}&redirect={back}"
            return Reply(302, headers=(("location", place), ("x-waf-redirect", "1")))
        post = next((post for post in self._of("vk") if request.query("id") == post.id), None)
        if request.path != "/video_ext.php" or post is None or request.query("oid") != post.more["owner"]:
            return gone_page(self._of("vk")[0].network, more='<div id="video_ext_msg">This video was deleted.</div>')
        if post.state_on(day) is not State.LIVE:
            return gone_page(post.network)
        values = {"md_title": post.text, "md_author": post.name, "date": int(post.values["seconds"]), "jpg": post.pictures[0].url}
        return frame_page(post, f"<script>var playerParams = {json.dumps({'params': [values]})};</script>")

    def _dailymotion(self, request: Request, day: int) -> Reply:
        name = request.path.removeprefix("/video/")
        post = next((post for post in self._of("dailymotion") if post.id == name), None)
        if post is None or post.state_on(day) is not State.LIVE:
            refusal = self._of("dailymotion")[0].network.refusals["deleted"]
            return Reply(refusal.status, refusal.body.encode(), refusal.type)
        known = {
            "id": post.id,
            "title": post.text,
            "description": "",
            "created_time": int(post.values["seconds"]),
            "language": "en",
            "owner.username": post.handle,
            "owner.screenname": post.name,
            "thumbnail_url": post.pictures[0].url,
        }
        asked = (request.query("fields") or "id,title").split(",")
        return _json({field: known[field] for field in asked if field in known})

    def _peertube(self, request: Request, day: int) -> Reply | None:
        if not request.path.startswith("/api/v1/videos/"):
            return None
        name = request.path.split("/")[4]
        post = next((post for post in self._of("peertube") if name in (post.id, post.more["short"])), None)
        if post is None or post.state_on(day) is not State.LIVE:
            refusal = self._of("peertube")[0].network.refusals["deleted"]
            return Reply(refusal.status, refusal.body.encode(), refusal.type)
        return _json(_peertube_video(post))


def _vimeo(request: Request, _day: int) -> Reply | None:
    """Of its pages none but the oEmbed endpoint."""
    if request.path.startswith("/api/oembed") or request.path == "/robots.txt":
        return None
    return Reply(403, _FIREWALL, HTML_TYPE, (("cf-mitigated", "challenge"), ("server", "cloudflare")))


def _to_vk_ru(request: Request, _day: int) -> Reply:
    return Reply(301, headers=(("location", f"https://vk.ru{request.target}"),))


def _solved(request: Request) -> Reply:
    """The page with the task; with its solution a cookie, and back to where the reader wanted to go."""
    task, key, back = (request.query(name) or "" for name in ("hash429", "key", "redirect"))
    if not key or key != task[::-1] or urlsplit(back).hostname != request.host:
        return Reply(200, _CHALLENGE.encode(), HTML_TYPE)
    cookie = f"solution429={key}; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=None"
    return Reply(
        302, headers=(("location", unquote(quote(back, safe=":/?&=%-._"))), ("set-cookie", cookie), ("x-challenge", "success"))
    )


def _peertube_video(post: OtherPost) -> dict[str, Any]:
    host = post.network.hosts[0]
    path = urlsplit(post.pictures[0].url).path
    made = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    account = {
        "id": 3,
        "name": post.handle,
        "displayName": post.name,
        "host": host,
        "url": f"https://{host}/accounts/{post.handle}",
    }
    return {
        "id": 912,
        "uuid": post.id,
        "shortUUID": post.more["short"],
        "url": f"https://{host}/videos/watch/{post.id}",
        "name": post.text,
        "category": {"id": None, "label": "Unknown"},
        "licence": {"id": 1, "label": "Attribution"},
        "language": {"id": "en", "label": "English"},
        "privacy": {"id": 1, "label": "Public"},
        "nsfw": False,
        "truncatedDescription": None,
        "description": None,
        "isLocal": True,
        "duration": 64,
        "views": 31,
        "likes": 4,
        "dislikes": 0,
        "thumbnailPath": path.replace("/previews/", "/thumbnails/"),
        "previewPath": path,
        "embedPath": f"/videos/embed/{post.id}",
        "createdAt": made,
        "updatedAt": made,
        "publishedAt": made,
        "originallyPublishedAt": None,
        "account": account,
        "channel": account | {"id": 5, "name": f"{post.handle}_channel"},
        "state": {"id": 1, "label": "Published"},
        "files": [],
        "streamingPlaylists": [],
    }


def _json(data: dict[str, Any]) -> Reply:
    return Reply(body=json.dumps(data).encode(), content_type="application/json; charset=utf-8", compress=True)
