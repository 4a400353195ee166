"""publish.twitter.com/oembed: author and box of a live tweet, else a refusal in one of several shapes.

404 when it is gone (JSON, a page or nothing: all three were seen), 403 "not authorized" when protected or age-restricted,
403 with another message when its author is suspended.
"""

import json
import re
from collections.abc import Mapping

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.markup import SCRIPT, box
from archiver.sampleweb.tweets import State, Tweet

JSON_TYPE = "application/json; charset=utf-8"
_STATUS = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:i/|i/web/|\w+/)?status(?:es)?/(\d+)")
_NO_PAGE = "<!DOCTYPE html><html><head><title>Twitter / ?</title></head><body><h1>That page is not here.</h1></body></html>"


def answer(request: Request, day: int, tweets: Mapping[str, Tweet]) -> Reply:
    """`GET /oembed?url=…&omit_script=1&dnt=1`; `tweets` by id."""
    if request.path != "/oembed":
        return Reply(404, _NO_PAGE.encode())
    match = _STATUS.match(request.query("url") or "")
    tweet = tweets.get(match[1]) if match else None
    state = tweet.state_on(day) if tweet else State.DELETED
    if tweet is None or state is State.DELETED:
        return _gone(int(match[1]) if match else 0, request)
    if state is State.LIVE:
        return _live(tweet, day, request)
    if state is State.SUSPENDED:
        return _refused("User has been suspended.", 63)
    return _refused("Sorry, you are not authorized to see this status.", 179)


def _live(tweet: Tweet, day: int, request: Request) -> Reply:
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
    return _json(200, data)


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
