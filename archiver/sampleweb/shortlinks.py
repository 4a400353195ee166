"""t.co and pic.twitter.com, and what stands behind them at twitter.com and x.com: an empty page that wants JavaScript.

Seen in public code: a plain 301 for a user agent without "Mozilla" in it, else a 200 page that refreshes to the target. Both
go on working after the tweet is gone.
"""

import re
from collections.abc import Iterable
from html import escape

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import Tweet

_CODE = re.compile(r"/(\w{4,15})")
_HEADERS = (
    ("cache-control", "private,max-age=300"),
    ("server", "tsa_o"),
    ("set-cookie", "muc=1; Path=/"),
    ("set-cookie", "muc_ads=1"),
)


class ShortLinks:
    """Knows where each code leads."""

    def __init__(self, tweets: Iterable[Tweet]) -> None:
        self.targets: dict[str, str] = {}
        for tweet in tweets:
            self.targets |= dict(tweet.links)
            if tweet.code:
                self.targets[tweet.code] = tweet.media_path

    def answer(self, request: Request) -> Reply:
        match = _CODE.fullmatch(request.path)
        target = self.targets.get(match[1]) if match else None
        if target is None:
            return Reply(404, b"", headers=_HEADERS)
        if "Mozilla" not in request.headers.get("user-agent", ""):
            return Reply(301, b"", headers=(("location", target), *_HEADERS))
        link = escape(target)
        page = (
            f'<head><noscript><META http-equiv="refresh" content="0;URL={link}"></noscript><title>{link}</title></head>'
            f'<script>window.opener = null; location.replace("{target.replace("/", chr(92) + "/")}")</script>'
        )
        return Reply(200, page.encode(), "text/html; charset=utf-8", (("referrer-policy", "unsafe-url"), *_HEADERS))


def twitter_page(_request: Request) -> Reply:
    """Logged out and without JavaScript, a tweet's own page says nothing, and says it with 200."""
    page = b"<!DOCTYPE html><html><head><title>X</title></head><body><noscript>JavaScript is off.</noscript></body></html>"
    return Reply(200, page, "text/html; charset=utf-8", compress=True)
