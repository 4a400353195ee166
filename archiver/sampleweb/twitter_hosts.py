"""The hosts of Twitter, now X, that make pages, scripts, boxes and redirects; syndication.py makes its JSON, media.py its media.

oEmbed (`publish.`): author and box of a live tweet. 404 when it is gone (JSON, a page or nothing: all three were seen), 403 "not
authorized" when protected or age-restricted, 403 with another message when its author is suspended.

Short links (`t.co`, `pic.`): a plain 301 for a user agent without "Mozilla" in it, else a 200 page that refreshes to the target
(seen in public code). Both go on working after the tweet is gone.

In 2026 `publish.twitter.com`, `platform.twitter.com` and `twitter.com` redirect to the same address at x.com, and replies have
addresses of x.com (Umbraco-CMS#21053, 2025-12-04; eleventy-plugin-embed-everything#436, 2026-06-20; for the other two hosts a
guess, since only the new ones were seen). A tweet's own page has its words in its head for plain agents and is a 404 when it is
gone; `t.co` without TLS is 520 (both 2026-09-16, in public code). twitframe.com redirects to a foreign site (4chan-x#3550,
2026-03-03).
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from string import Template

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.markup import SCRIPT, box
from archiver.sampleweb.tweets import DATA, State, Tweet

Answer = Callable[[Request, int], Reply]
JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
SPORT_HOST = "matchday-live.example"
"""Where twitframe.com leads in 2026."""
_POST = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:i/|i/web/|\w+/)?status(?:es)?/(\d+)")
_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_OWN_PAGE = re.compile(r"/(?:i/web|\w+)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d)?/?")
_CODE = re.compile(r"/(\w{4,15})")
_SHARE_BUTTON = re.compile(r"/widgets/(?:tweet|follow)_button[\w.]*\.html")
_NO_PAGE = "<!DOCTYPE html><html><head><title>Twitter / ?</title></head><body><h1>That page is not here.</h1></body></html>"
_SHELL = b"<!DOCTYPE html><html><head><title>X</title></head><body><noscript>JavaScript is off.</noscript></body></html>"
_NO_POST = (
    b"<!DOCTYPE html><html><head><title>X</title></head><body><h1>Hmm...this page doesn\xe2\x80\x99t exist.</h1></body></html>"
)
_FIREWALL = (
    b"<html><head><title>x.com | 520: Web server is returning an unknown error</title></head><body>Error 520</body></html>"
)
_OPEN = (("access-control-allow-origin", "*"),)
_SHORT_HEADERS = (
    ("cache-control", "private,max-age=300"),
    ("server", "tsa_o"),
    ("set-cookie", "muc=1; Path=/"),
    ("set-cookie", "muc_ads=1"),
)


class TwitterHosts:
    """Answers for them from the table of tweets, as they are in one age."""

    def __init__(self, tweets: Iterable[Tweet], age: int = 2022) -> None:
        self.age = age
        self._by_id = {tweet.id: tweet for tweet in tweets}
        self._targets: dict[str, str] = {}
        for tweet in self._by_id.values():
            self._targets |= dict(tweet.links)
            if tweet.code:
                self._targets[tweet.code] = tweet.media_path

    @property
    def answers(self) -> dict[str, Answer]:
        """By host name."""
        if self.age < 2026:
            return {
                "publish.twitter.com": self.oembed,
                "platform.twitter.com": self.platform,
                "t.co": self.short_link,
                "pic.twitter.com": self.short_link,
                "twitter.com": self.page,
                "x.com": self.page,
                "twitframe.com": self.wrapper,
                "cdn.embedly.com": self.wrapper,
            }
        return {
            "publish.x.com": self.oembed,
            "publish.twitter.com": _moved_to("publish.x.com"),
            "platform.x.com": self.platform,
            "platform.twitter.com": _moved_to("platform.x.com"),
            "t.co": self.short_link,
            "pic.x.com": self.short_link,
            "pic.twitter.com": self.short_link,
            "twitter.com": _moved_to("x.com"),
            "mobile.twitter.com": _moved_to("x.com"),
            "x.com": self.page,
            "twitframe.com": _to_sports,
            SPORT_HOST: _sports,
            "cdn.embedly.com": self.wrapper,
            "api.fxtwitter.com": self.third_party,
        }

    # --- oEmbed ----------------------------------------------------------------------------------------------

    def oembed(self, request: Request, day: int) -> Reply:
        """`GET /oembed?url=…&omit_script=1&dnt=1`."""
        if request.path != "/oembed":
            return Reply(404, _NO_PAGE.encode())
        match = _POST.match(request.query("url") or "")
        tweet = self._by_id.get(match[1]) if match else None
        state = tweet.state_on(day) if tweet else State.DELETED
        if tweet is None or state is State.DELETED:
            return _gone(int(match[1]) if match else 0, request)
        if state is State.LIVE:
            return self._live(tweet, day, request)
        if state is State.SUSPENDED:
            return _refused("User has been suspended.", 63)
        return _refused("Sorry, you are not authorized to see this status.", 179)

    def _live(self, tweet: Tweet, day: int, request: Request) -> Reply:
        attributes = 'class="twitter-tweet"' + (' data-dnt="true"' if request.query("dnt") in ("1", "true") else "")
        script = "" if request.query("omit_script") in ("1", "true") else f"{SCRIPT}\n"
        data = {
            "url": tweet.url,
            "author_name": tweet.account.name,
            "author_url": f"https://twitter.com/{tweet.handle}",
            "html": f"{box(tweet, day, attributes=attributes)}\n{script}\n",
            "width": 550,
            "height": None,
            "type": "rich",
            "cache_age": "3153600000",
            "provider_name": "Twitter",
            "provider_url": "https://twitter.com",
            "version": "1.0",
        }
        if self.age >= 2026:
            named = ("url", "author_url", "html", "provider_url")
            data |= {name: str(data[name]).replace("twitter.com", "x.com") for name in named} | {"provider_name": "X"}
        return _json(200, data)

    # --- frames and scripts ----------------------------------------------------------------------------------

    def platform(self, request: Request, _day: int) -> Reply:
        """The script that turns boxes into frames, the frame that shows one tweet from its syndication reply, and buttons."""
        if request.path == "/widgets.js":
            script = _file("widgets.js")
            if self.age >= 2026:
                script = script.replace(b"platform.twitter.com", b"platform.x.com")
            return Reply(200, script, "application/javascript; charset=utf-8", _OPEN, etag=True, compress=True)
        if request.path == "/embed/Tweet.html":
            return Reply(200, _file("Tweet.html"), HTML_TYPE, _OPEN, etag=True, compress=True)
        if self.age >= 2026 and _SHARE_BUTTON.fullmatch(request.path):
            return Reply(200, b'<!DOCTYPE html><title>Post button</title><a class="btn">Post</a>', HTML_TYPE, compress=True)
        return Reply(404)

    def wrapper(self, request: Request, _day: int) -> Reply:
        """twitframe.com, cdn.embedly.com: a shell around the frame of the tweet that the query names."""
        found = _STATUS.search(request.query("url") or "")
        host = "platform.x.com" if self.age >= 2026 else "platform.twitter.com"
        source = f"https://{host}/embed/Tweet.html?dnt=true&id={found[1]}" if found else "about:blank"
        return Reply(200, Template(_file("wrapper.html").decode()).substitute(source=source).encode())

    # --- short links and pages -------------------------------------------------------------------------------

    def short_link(self, request: Request, _day: int) -> Reply:
        """t.co, pic.twitter.com and pic.x.com."""
        if self.age >= 2026 and not request.secure:
            return Reply(520, _FIREWALL, HTML_TYPE, (("server", "cloudflare"),))
        match = _CODE.fullmatch(request.path)
        target = self._targets.get(match[1]) if match else None
        if target is None:
            return Reply(404, b"", headers=_SHORT_HEADERS)
        if "Mozilla" not in request.headers.get("user-agent", ""):
            return Reply(301, b"", headers=(("location", target), *_SHORT_HEADERS))
        link = escape(target)
        page = (
            f'<head><noscript><META http-equiv="refresh" content="0;URL={link}"></noscript><title>{link}</title></head>'
            f'<script>window.opener = null; location.replace("{target.replace("/", chr(92) + "/")}")</script>'
        )
        return Reply(200, page.encode(), HTML_TYPE, (("referrer-policy", "unsafe-url"), *_SHORT_HEADERS))

    def page(self, request: Request, day: int) -> Reply:
        """Logged out and without JavaScript, a tweet's own page says nothing, and says it with 200. In 2026 plain agents get its
        words in the page's head, and 404 when it is deleted."""
        found = _OWN_PAGE.fullmatch(request.path)
        if self.age < 2026 or found is None:
            return Reply(200, _SHELL, HTML_TYPE, compress=True)
        tweet = self._by_id.get(found[1])
        state = tweet.state_on(day) if tweet else State.DELETED
        if tweet is None or state is State.DELETED:
            return Reply(404, _NO_POST, HTML_TYPE, compress=True)
        if state is not State.LIVE or "Mozilla" in request.headers.get("user-agent", ""):
            return Reply(200, _SHELL, HTML_TYPE, compress=True)
        return Reply(200, _preview(tweet, day).encode(), HTML_TYPE, compress=True)

    # --- a third party ---------------------------------------------------------------------------------------

    def third_party(self, request: Request, day: int) -> Reply:
        """`GET /2/status/ID` of FxEmbed, whose shape is that of its published source (seen by others 2026-08-22)."""
        found = _THIRD_PARTY.fullmatch(request.path)
        if found is None:
            return Reply(404, b'{"code":404,"message":"Not found"}', JSON_TYPE)
        tweet = self._by_id.get(found[1])
        state = tweet.state_on(day) if tweet else State.DELETED
        if tweet is not None and state is State.LIVE:
            return Reply(200, json.dumps({"code": 200, "message": "OK", "status": _as_fxembed(tweet, day)}).encode(), JSON_TYPE)
        if tweet is not None and state in _FX_REASONS:
            gone = {"type": "tombstone", "id": tweet.id, "provider": "twitter", "reason": _FX_REASONS[state]}
            return Reply(200, json.dumps({"code": 200, "message": "OK", "status": gone}).encode(), JSON_TYPE)
        return Reply(404, b'{"code":404,"message":"NOT_FOUND","status":null}', JSON_TYPE)


_THIRD_PARTY = re.compile(r"/2/status/(\d+)")
_FX_REASONS = {State.SUSPENDED: "suspended", State.PROTECTED: "private", State.AGE_RESTRICTED: "age_restricted"}


def _as_fxembed(tweet: Tweet, day: int) -> dict[str, object]:
    address = "https://pbs.twimg.com/media/{}.{}?name=orig"
    photos = [
        {"type": "photo", "url": address.format(each.key, each.extension), "width": each.width, "height": each.height}
        for each in tweet.pictures
    ]
    return {
        "type": "status",
        "id": tweet.id,
        "url": f"https://x.com/{tweet.handle}/status/{tweet.id}",
        "text": tweet.text_on(day),
        "created_at": f"{tweet.posted_at:%a %b %d %H:%M:%S +0000 %Y}",
        "created_timestamp": int(tweet.posted_at.timestamp()),
        "lang": tweet.language,
        "author": {"type": "profile", "id": tweet.account.user_id, "name": tweet.account.name, "screen_name": tweet.handle},
        "media": {"photos": photos, "all": photos},
        "replying_to": None,
        "community_note": None,
        "provider": "twitter",
    }


def _preview(tweet: Tweet, day: int) -> str:
    text = tweet.article.title if tweet.article else tweet.text_on(day) + (f" https://t.co/{tweet.code}" if tweet.code else "")
    url = f"https://x.com/{tweet.handle}/status/{tweet.id}"
    picture = next((f"https://pbs.twimg.com/media/{each.key}.{each.extension}:large" for each in tweet.pictures), None)
    picture = picture or (f"https://pbs.twimg.com/media/{tweet.article.cover.key}.jpg:large" if tweet.article else None)
    picture = picture or (tweet.video.poster_url if tweet.video else None)
    facts = {
        "og:site_name": "X (formerly Twitter)",
        "og:type": "article",
        "og:url": url,
        "og:title": f"{tweet.account.name} (@{tweet.handle}) on X",
        "og:description": f"\u201c{text}\u201d",
        "og:image": picture or f"https://pbs.twimg.com/profile_images/{tweet.account.user_id}/face_normal.jpg",
        "article:published_time": tweet.posted_at.isoformat().replace("+00:00", ".000Z"),
    }
    tags = "".join(f'<meta property="{name}" content="{escape(value)}"/>' for name, value in facts.items())
    title = escape(f'{tweet.account.name} on X: "{text}" / X')
    return (
        f'<!DOCTYPE html><html dir="ltr" lang="{tweet.language}"><head><meta charset="utf-8"/><title>{title}</title>'
        f'<link rel="canonical" href="{url}"/>{tags}<meta name="twitter:card" content="summary_large_image"/></head>'
        "<body><noscript>JavaScript is off.</noscript></body></html>"
    )


def _moved_to(host: str) -> Answer:
    """301 to the same path and query at another host; scripts of other hosts may follow."""
    return lambda request, _day: Reply(301, b"", HTML_TYPE, (("location", f"https://{host}{request.target}"), *_OPEN))


def _to_sports(_request: Request, _day: int) -> Reply:
    return Reply(302, headers=(("location", f"https://{SPORT_HOST}/"),))


def _sports(request: Request, _day: int) -> Reply:
    if request.path != "/":
        return Reply(404, b"", "text/plain")
    return Reply(200, b"<!DOCTYPE html><html><head><title>Matchday live</title></head><body><h1>Tonight: 0:0</h1></body></html>")


def _gone(tweet_id: int, request: Request) -> Reply:
    match (tweet_id >> 22) % 3:
        case 0:
            return _json(404, {"error": "Sorry, that page does not exist", "request": request.target})
        case 1:
            return Reply(404, _NO_PAGE.encode(), headers=(("server", "tsa_b"),))
        case _:
            return Reply(404, content_type="application/json", headers=(("server", "tsa_b"),))


def _refused(message: str, code: int) -> Reply:
    return _json(403, {"errors": [{"message": message, "code": code}]})


def _json(status: int, data: object) -> Reply:
    body = json.dumps(data, separators=(",", ":")).encode()
    return Reply(status, body, JSON_TYPE, (("server", "tsa_b"), ("x-rate-limit-limit", "300")), chunked=True, compress=True)


@cache
def _file(name: str) -> bytes:
    return (DATA / name).read_bytes()
