"""cdn.syndication.twimg.com: one tweet as JSON, and the many ways in which it says no.

Keys and types are those of real replies seen in public code (`tests/platforms/payloads/SOURCE.md`). Two things nobody here has
verified: what the host answers to a wrong token (here 400, so that a wrong one shows at once and never looks like a deletion),
and how an edited tweet looks under its old id (here the new text with `isEdited`).

In 2026 lists of entities that are empty are left out, and `entities` of a tweet without any is `[]` (react-tweet#218, #219, from
2026-05-22); `article` and `card` are there (seen in public code, undated); links of a tweet's own media are of x.com. That the
words of the age estimate stand in this host's tombstones is a guess: they were seen elsewhere (gallery-dl#9647, 2026-07-12).
"""

import json
import math
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import Article, Card, Denial, Picture, State, Tweet

JSON_TYPE = "application/json; charset=utf-8"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
TOMBSTONES = {
    State.DELETED: "This Post was deleted by the Post author.",
    State.SUSPENDED: "This Post is from a suspended account.",
    State.PROTECTED: "You\u2019re unable to view this Post because this account owner limits who can view their Posts.",
    State.AGE_RESTRICTED: "Age-restricted adult content. This content might not be appropriate for people under 18 years old.",
}
AGE_ESTIMATE = "Due to local laws, we are temporarily restricting access to this content until X estimates your age."
NOTICES = "https://help.twitter.com/rules-and-policies/notices-on-twitter"
_HEADERS = (("access-control-allow-origin", "*"), ("cache-control", "max-age=60"), ("server", "tsa_f"))


def token(tweet_id: str) -> str:
    """`((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\\.)/g, "")` as JavaScript engines compute it."""
    return re.sub(r"0+|\.", "", base_36(float(tweet_id) / 1e15 * math.pi))


def base_36(value: float) -> str:
    """A positive double to base 36, with as many digits as tell it from its neighbours (what V8 does)."""
    whole, fraction = int(value), value - int(value)
    delta = max(0.5 * (math.nextafter(value, math.inf) - value), math.ulp(0.0))
    digits: list[int] = []
    while fraction >= delta:
        fraction *= 36
        delta *= 36
        digit = int(fraction)
        fraction -= digit
        digits.append(digit)
        if (fraction > 0.5 or (fraction == 0.5 and digit % 2)) and fraction + delta > 1:
            whole += _round_up(digits)
            break
    text = ""
    while whole:
        whole, digit = divmod(whole, 36)
        text = DIGITS[digit] + text
    return (text or "0") + ("." + "".join(DIGITS[digit] for digit in digits) if digits else "")


def _round_up(digits: list[int]) -> int:
    """Adds one to the last digit, carrying leftwards; gives what is carried into the whole part."""
    while digits:
        if digits[-1] < 35:
            digits[-1] += 1
            return 0
        digits.pop()
    return 1


def answer(request: Request, day: int, tweets: Mapping[str, Tweet], age: int = 2022) -> Reply:
    """`GET /tweet-result?id=…&lang=en&token=…`; `tweets` by id."""
    if request.path != "/tweet-result":
        return Reply(404, headers=_HEADERS)
    tweet_id = request.query("id") or ""
    if not tweet_id.isdigit() or request.query("token") != token(tweet_id):
        return _json({"error": "bad token"}, status=400)
    tweet = tweets.get(tweet_id)
    if tweet is None:
        return Reply(404, headers=_HEADERS)
    if tweet.state_on(day) is State.LIVE:
        return _json(payload(tweet, day, tweets, age))
    return denied(tweet, day, age)


def denied(tweet: Tweet, day: int, age: int = 2022) -> Reply:
    """The reply about a tweet that is not shown."""
    match tweet.change_on(day).denial:
        case Denial.NOT_FOUND:
            return Reply(404, headers=_HEADERS)
        case Denial.EMPTY:
            return _json({})
        case Denial.BARE:
            return _json({"__typename": "TweetTombstone"})
        case Denial.WORDLESS:
            return _json({"__typename": "TweetTombstone", "tombstone": {}})
        case Denial.TOMBSTONE:
            return _json({"__typename": "TweetTombstone", "tombstone": {"text": _tombstone(tweet.state_on(day), age)}})


def _tombstone(state: State, age: int) -> dict[str, Any]:
    words = AGE_ESTIMATE if age >= 2026 and state is State.AGE_RESTRICTED else TOMBSTONES[state]
    text = f"{words} Learn more"
    link = {
        "from_index": len(text) - len("Learn more"),
        "to_index": len(text),
        "ref": {"__typename": "TimelineUrl", "url": NOTICES, "url_type": "ExternalUrl"},
    }
    return {"text": text, "entities": [link], "rtl": False}


def _json(data: dict[str, Any], status: int = 200) -> Reply:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, body, JSON_TYPE, _HEADERS, compress=True)


def payload(tweet: Tweet, day: int, tweets: Mapping[str, Tweet], age: int = 2022) -> dict[str, Any]:
    """A live tweet's JSON."""
    by_key = {each.key: each for each in tweets.values()}
    data: dict[str, Any] = {"__typename": "Tweet", **_base(tweet, day, age), "possibly_sensitive": False}
    data |= _media(tweet, age)
    if tweet.article:
        data["article"] = _article(tweet.article)
    if tweet.card:
        data["card"] = _card(tweet.card)
    if tweet.cut:
        data["note_tweet"] = {"id": f"NoteTweet:{tweet.id}"}
    quoted = by_key[tweet.quotes] if tweet.quotes else None
    if quoted and quoted.state_on(day) is State.LIVE:
        data["quoted_tweet"] = {
            **_base(quoted, day, age),
            "reply_count": 2,
            "retweet_count": 7,
            "self_thread": {"id_str": quoted.id},
        }
        data["quoted_tweet"] |= {name: value for name, value in _media(quoted, age).items() if name != "video"}
    parent = by_key[tweet.replies_to] if tweet.replies_to else None
    if parent:
        data["in_reply_to_screen_name"] = parent.handle
        data["in_reply_to_status_id_str"] = parent.id
        data["in_reply_to_user_id_str"] = parent.account.user_id
        if parent.state_on(day) is State.LIVE:
            data["parent"] = {**_base(parent, day, age), "reply_count": 3, "retweet_count": 5}
    return {**data, "conversation_count": 1 + len(tweet.key), "news_action_type": "conversation"}


def _base(tweet: Tweet, day: int, age: int) -> dict[str, Any]:
    """What a tweet, a quoted one and a parent have in common."""
    text = escape(tweet.text_on(day), quote=False)
    shown = len(text)
    full = f"{text} https://t.co/{tweet.code}" if tweet.code else text
    milliseconds = (int(tweet.id) >> 22) + 1288834974657  # Twitter's epoch, 2010-11-04
    made = tweet.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    edited = tweet.edited_by(day)
    return {
        "lang": tweet.language,
        "favorite_count": 10 + int(tweet.id) % 900,
        "created_at": made,
        "display_text_range": [0, shown],
        "entities": _entities(tweet, full, age),
        "id_str": tweet.id,
        "text": full,
        "user": {
            "id_str": tweet.account.user_id,
            "name": tweet.account.name,
            "profile_image_url_https": f"https://pbs.twimg.com/profile_images/{tweet.account.user_id}/face_normal.jpg",
            "screen_name": tweet.handle,
            "verified": False,
            "is_blue_verified": False,
        },
        "edit_control": {
            "edit_tweet_ids": [tweet.id],
            "editable_until_msecs": str(milliseconds + 30 * 60 * 1000),
            "is_edit_eligible": not (tweet.replies_to or edited),
            "edits_remaining": "4" if edited else "5",
        },
        "isEdited": edited,
        "isStaleEdit": False,
    }


def _entities(tweet: Tweet, full: str, age: int) -> dict[str, Any] | list[Any]:
    """Indices count Unicode characters, not UTF-16 units."""
    links = dict(tweet.links)
    urls = [
        {"display_url": _short(links[match[1]]), "expanded_url": links[match[1]], "indices": list(match.span()), "url": match[0]}
        for match in re.finditer(r"https://t\.co/(\w+)", full)
        if match[1] in links
    ]
    entities: dict[str, Any] = {
        "hashtags": [{"indices": list(match.span()), "text": match[1]} for match in re.finditer(r"#(\w+)", full)],
        "urls": urls,
        "user_mentions": [
            {"id_str": "1", "indices": list(match.span()), "name": match[1], "screen_name": match[1]}
            for match in re.finditer(r"@(\w+)", full)
        ],
        "symbols": [],
    }
    if tweet.code:
        entities["media"] = [_link_of_media(tweet, full, age)]
    if age >= 2026:
        return {name: found for name, found in entities.items() if found} or []
    return entities


def _link_of_media(tweet: Tweet, full: str, age: int) -> dict[str, Any]:
    url = f"https://t.co/{tweet.code}"
    return {
        "display_url": f"pic.{'x' if age >= 2026 else 'twitter'}.com/{tweet.code}",
        "expanded_url": _media_page(tweet, age),
        "indices": [len(full) - len(url), len(full)],
        "url": url,
    }


def _media_page(tweet: Tweet, age: int) -> str:
    return tweet.media_path.replace("https://twitter.com/", "https://x.com/") if age >= 2026 else tweet.media_path


def _article(article: Article) -> dict[str, Any]:
    cover = article.cover
    shown = {"original_img_height": cover.height, "original_img_url": _picture_url(cover), "original_img_width": cover.width}
    return {
        "rest_id": article.id,
        "title": article.title,
        "preview_text": article.opening,
        "cover_media": {
            "media_id": str(int(article.id) - 4_096),
            "media_key": f"3_{int(article.id) - 4_096}",
            "media_info": {"__typename": "ApiImage", **shown},
        },
    }


def _card(card: Card) -> dict[str, Any]:
    texts = {
        "title": card.title,
        "description": card.description,
        "domain": card.domain,
        "vanity_url": card.domain,
        "card_url": f"https://t.co/{card.code}",
    }
    values: dict[str, Any] = {name: {"string_value": text, "type": "STRING"} for name, text in texts.items()}
    picture = {"height": 419, "url": card.picture, "width": 800}
    names = ("photo_image_full_size_original", "thumbnail_image_original")
    values |= {name: {"image_value": picture, "type": "IMAGE"} for name in names}
    return {"name": "summary_large_image", "url": f"https://t.co/{card.code}", "binding_values": values}


def _short(url: str) -> str:
    plain = url.split("://", 1)[1]
    return plain if len(plain) <= 27 else plain[:26] + "…"


def _media(tweet: Tweet, age: int) -> dict[str, Any]:
    """`mediaDetails`, `photos` and `video`."""
    link = _link_of_media(tweet, _base_text(tweet), age) if tweet.code else {}
    if tweet.video:
        return _video(tweet, link)
    if not tweet.pictures:
        return {}
    return {
        "mediaDetails": [{**link, **_photo_details(each)} for each in tweet.pictures],
        "photos": [
            {
                "backgroundColor": {"red": 204, "green": 214, "blue": 221},
                "expandedUrl": _media_page(tweet, age),
                "url": _picture_url(each),
                "width": each.width,
                "height": each.height,
            }
            for each in tweet.pictures
        ],
    }


def _base_text(tweet: Tweet) -> str:
    return f"{escape(tweet.text, quote=False)} https://t.co/{tweet.code}"


def _picture_url(picture: Picture) -> str:
    return f"https://pbs.twimg.com/media/{picture.key}.{picture.extension}"


def _photo_details(picture: Picture) -> dict[str, Any]:
    width, height = picture.width, picture.height
    return {
        "ext_media_availability": {"status": "Available"},
        "media_url_https": _picture_url(picture),
        "original_info": {"height": height, "width": width, "focus_rects": [{"x": 0, "y": 0, "w": width, "h": height}]},
        "sizes": _sizes(width, height),
        "type": "photo",
    }


def _sizes(width: int, height: int) -> dict[str, Any]:
    def fit(longest: int) -> dict[str, Any]:
        scale = min(1.0, longest / max(width, height))
        return {"h": round(height * scale), "resize": "fit", "w": round(width * scale)}

    return {"large": fit(2048), "medium": fit(1200), "small": fit(680), "thumb": {"h": 150, "resize": "crop", "w": 150}}


def _video(tweet: Tweet, link: dict[str, Any]) -> dict[str, Any]:
    video = tweet.video
    assert video is not None
    variants: list[dict[str, Any]] = [
        {"bitrate": rate, "content_type": "video/mp4", "url": url} for rate, url in sorted(video.mp4_urls.items())
    ]
    if not video.gif:
        variants.insert(0, {"content_type": "application/x-mpegURL", "url": video.playlist_url})
    info: dict[str, Any] = {"aspect_ratio": [16, 9], "variants": variants}
    if not video.gif:
        info["duration_millis"] = video.seconds * 1000
    details = {
        **link,
        "additional_media_info": {},
        "ext_media_availability": {"status": "Available"},
        "media_url_https": video.poster_url,
        "original_info": {"height": 720, "width": 1280, "focus_rects": []},
        "sizes": _sizes(1280, 720),
        "type": "animated_gif" if video.gif else "video",
        "video_info": info,
    }
    shown = {
        "aspectRatio": [16, 9],
        "contentType": "gif" if video.gif else "media_entity",
        "durationMs": 0 if video.gif else video.seconds * 1000,
        "mediaAvailability": {"status": "available"},
        "poster": video.poster_url,
        "variants": [{"type": each["content_type"], "src": each["url"]} for each in variants],
        "videoId": {"type": "tweet", "id": tweet.id},
        "viewCount": 0,
    }
    return {"mediaDetails": [details], "photos": [], "video": shown}
