"""Instagram, Threads, and Meta's oEmbed without a token, in 2026.

Instagram's embed page shows posts as before; where an author allows no embeds, a bare card (pressfreedomtracker.us#2304,
2026-06-30). The permalink tells strangers a post as JSON, in `xig_polaris_media.if_not_gated_logged_out`: null where it is
gated; who asks too often is sent to log in (yt-dlp#17075, #17113, 2026-07; in public code). Threads' pages hold their posts as
JSON as well.

oEmbed needs no token since 2026-06-15 (Threads: 2026-03-03) and has `html` alone since 2025-11-03: no author, no picture
(developers.facebook.com). 400 with code 24 is of what is gone or private, with code 100 of an address that is none of a post
(2026-09-16, in public code).
"""

import json
import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import quote

from archiver.sampleweb.embeds import frame_page, gone_page
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

HTML_TYPE = "text/html; charset=utf-8"
CARD = "View this post on Instagram"
_PERMALINK = re.compile(r"/(?:p|reel)/(?P<id>[\w-]+)/?")
_EMBED = re.compile(r"/p/(?P<id>[\w-]+)/embed(?:/captioned)?/?")
_THREAD = re.compile(r"/(?:t|@[\w.]+/post)/(?P<id>[\w-]+)(?P<embed>/embed)?/?")
_ENDPOINT = re.compile(r"/v2[0-9]\.0/(?P<name>instagram_oembed|oembed_post|oembed_video)")
_NETWORKS = {"instagram_oembed": "instagram", "oembed_post": "facebook", "oembed_video": "facebook"}
_HOSTS = {"instagram": r"https://(?:www\.)?instagram\.com/", "facebook": r"https://(?:www\.)?facebook\.com/"}
_THREADS_HOST = r"https://(?:www\.)?threads\.(?:com|net)/"


class Meta:
    """Answers for its hosts from the table of posts; Facebook's plugins are as they were in 2022."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        self._posts = [post for post in posts if post.network.name in ("instagram", "threads", "facebook")]

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for what is as it was in 2022."""
        return {
            "www.instagram.com": self._instagram,
            "www.threads.com": self._threads,
            "www.threads.net": _to_threads,
            "graph.facebook.com": self._graph,
            "graph.threads.com": self._graph_of_threads,
        }

    def _post(self, network: str, name: str) -> OtherPost | None:
        return next((post for post in self._posts if post.network.name == network and post.id == name), None)

    def _instagram(self, request: Request, day: int) -> Reply | None:
        if found := _EMBED.fullmatch(request.path):
            post = self._post("instagram", found["id"])
            if post is None or day in post.network.frame.wall_days or post.more.get("embeds") != "off":
                return None
            return gone_page(post.network, CARD, 200)
        found = _PERMALINK.fullmatch(request.path)
        if found is None:
            return None
        post = self._post("instagram", found["id"])
        if post is not None and day in post.network.frame.wall_days:
            following = quote(request.path, safe="")
            return Reply(302, headers=(("location", f"https://www.instagram.com/accounts/login/?next={following}"),))
        if post is None or post.state_on(day) is State.DELETED:
            return Reply(
                200, _page("Instagram", "", {"canonicalRouteName": "comet.igweb.PolarisErrorRoute"}), HTML_TYPE, compress=True
            )
        gated = post.state_on(day) is not State.LIVE
        media = {"code": post.id, "if_not_gated_logged_out": None if gated else _media(post)}
        data = {"adp_PolarisPostRootQuery": {"__bbox": {"result": {"data": {"xig_polaris_media": media}}}}}
        head = "" if gated else _instagram_head(post)
        return Reply(200, _page("Instagram", head, data), HTML_TYPE, compress=True)

    def _threads(self, request: Request, day: int) -> Reply | None:
        found = _THREAD.fullmatch(request.path)
        if found is None:
            return None
        post = self._post("threads", found["id"])
        if post is None or post.state_on(day) is not State.LIVE:
            return None if post is None or not found["embed"] else gone_page(post.network)
        if found["embed"]:
            return frame_page(post)
        if request.path.startswith("/t/"):
            return Reply(302, headers=(("location", post.url),))
        shown = {"thread_items": [{"post": _media(post) | {"text_post_app_info": {"share_info": None}}}]}
        head = _tags({"og:url": post.url, "og:title": f"{post.name} (@{post.handle}) on Threads", "og:description": post.text})
        return Reply(
            200, _page("Threads", head, {"result": {"data": {"data": {"edges": [{"node": shown}]}}}}), HTML_TYPE, compress=True
        )

    def _graph(self, request: Request, day: int) -> Reply:
        found = _ENDPOINT.fullmatch(request.path)
        if found is None:
            return _error(2500, "Unknown path components") if request.path != "/robots.txt" else Reply(404, b"", "text/plain")
        network = _NETWORKS[found["name"]]
        return self._oembed(network, _HOSTS[network], request.query("url") or "", day)

    def _graph_of_threads(self, request: Request, day: int) -> Reply:
        if request.path != "/oembed":
            return Reply(404, b"", "text/plain")
        return self._oembed("threads", _THREADS_HOST, request.query("url") or "", day)

    def _oembed(self, network: str, hosts: str, url: str, day: int) -> Reply:
        if re.match(hosts, url) is None:
            return _error(100, "Param url must be a valid URL of a post")
        post = next((post for post in self._posts if post.network.name == network and f"/{post.id}" in url), None)
        if post is None or post.state_on(day) is not State.LIVE or post.more.get("embeds") == "off":
            return _error(24, "The requested resource does not exist")
        title = post.network.frame.title
        html = post.html("code")
        data = {"html": html, "provider_name": title, "provider_url": f"https://{post.network.hosts[0]}/", "type": "rich"}
        return Reply(200, json.dumps(data | {"version": "1.0", "width": 658}).encode(), "application/json; charset=UTF-8")


def _to_threads(request: Request, _day: int) -> Reply:
    return Reply(301, headers=(("location", f"https://www.threads.com{request.target}"),))


def _media(post: OtherPost) -> dict[str, Any]:
    """A post as the JSON of both networks' pages has it."""
    candidates = [{"url": each.url, "width": 1080, "height": 810} for each in post.pictures]
    return {
        "pk": post.values["seconds"],
        "code": post.id,
        "media_type": 1 if candidates else 19,
        "taken_at": int(post.values["seconds"]),
        "caption": {"text": post.text, "created_at": int(post.values["seconds"])},
        "user": {"pk": "61504417", "username": post.handle, "full_name": post.name, "is_verified": False},
        "image_versions2": {"candidates": candidates},
        "original_width": 1080,
        "original_height": 810,
        "accessibility_caption": post.pictures[0].alt if post.pictures else None,
        "carousel_media": None,
        "video_versions": None,
        "like_count": 41,
        "comment_count": 3,
    }


def _instagram_head(post: OtherPost) -> str:
    """The description has author, date and words in one; the picture is a crop of 640 pixels in the wild, here the same."""
    said = f'41 likes, 3 comments - {post.handle} on {post.values["date"]}: "{post.text}".'
    title = f'{post.name} on Instagram: "{post.text}"'
    picture = post.pictures[0].url if post.pictures else ""
    return _tags({"og:type": "article", "og:url": post.url, "og:title": title, "og:description": said, "og:image": picture})


def _tags(facts: dict[str, str]) -> str:
    return "".join(f'<meta property="{name}" content="{escape(value)}" />' for name, value in facts.items())


def _page(title: str, head: str, data: dict[str, Any]) -> bytes:
    """An application's page, with what it was given to begin with."""
    inside = json.dumps(
        {
            "require": [
                [
                    "ScheduledServerJS",
                    "handle",
                    None,
                    [{"__bbox": {"require": [["RelayPrefetchedStreamCache", "next", [], [data]]]}}],
                ]
            ]
        }
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><div id="mount">'
        f'</div><script type="application/json" data-sjs>{inside.replace("</", "<" + chr(92) + "/")}</script></body></html>'
    ).encode()


def _error(code: int, message: str) -> Reply:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "AsAmpleWebTrace"}
    return Reply(400, json.dumps({"error": error}).encode(), "application/json; charset=UTF-8")
