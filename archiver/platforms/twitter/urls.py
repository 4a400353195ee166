"""Addresses of Twitter / X: of posts in every form, of short links, of pictures and videos."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from archiver.html.addresses import address_of
from archiver.html.raw_text import offsets_of
from archiver.times import to_iso

NAME = "twitter"

# Ids made from 2010-11-04 on are "snowflakes": milliseconds since this moment, then 22 bits of machine and serial number.
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
FIRST_SNOWFLAKE = 29_700_859_247  # the first id that holds a time; smaller ones were counted up

# Front ends that show a post under the same path as twitter.com does. Nitter runs on hundreds of hosts, most of them named so.
FRONT_ENDS = r"(?:\w{1,20}\.)?[fv]xtwitter\.com|twittpr\.com|fixupx\.com|fixvx\.com|xcancel\.com|(?:[\w-]+\.)*nitter\.[\w.-]+"
_HOST = rf"(?:(?:[\w-]+\.)?(?:twitter|x)\.com|{FRONT_ENDS})(?::\d+)?"
# An article is a post with a title (since 2024): `/HANDLE/article/` is followed by the post's id, `/i/article/` by another number
# (FxEmbed#867, 2024-06; metascraper#850, 2026-06-23).
_POST_PATH = (
    r"(?:(?:#|%23)(?:!|%21)/)?"
    r"(?:@?(?P<handle>\w{1,20})/(?:status(?:es)?|(?<!/i/)article)|i/(?:web/|user/)?status|i/topics/tweet|status(?:es)?|i/videos(?:/tweet)?|i/cards/tfw/v1)/{1,2}"
    r"(?P<id>\d{2,20})(?!\d)"
)
POST_URL = re.compile(
    rf"(?<![\w.@-])(?:https?:)?(?://)?{_HOST}/+(?:(?:home|i/events)?/?\??(?:mobile=\w+)?)?{_POST_PATH}"
    rf"|(?:https?:)?(?://)?platform\.(?:twitter|x)\.com/embed/(?:index|Tweet)\.html[^\s\"'<>]{{0,500}}?[?&#;]id=(?P<frame_id>\d{{2,20}})",
    re.I,
)
# Addresses that hand another one on, which stands in them in many ways.
_PROXY = re.compile(
    r"(?:https?:)?//(?:twitframe\.com|(?:[\w-]+\.)?embedly\.com|(?:[\w-]+\.)?iframe\.ly|(?:[\w-]+\.)?iframely\.\w+|if-cdn\.com"
    r"|noembed\.com|publish\.(?:twitter|x)\.com|href\.li|(?:www\.)?google\.\w+/url|(?:web|wayback)\.archive\.org"
    r"|archive\.(?:today|ph|is|li|fo|md|vn|org))(?::\d+)?\b",
    re.I,
)
_SCHEME_TWICE = re.compile(r"(?:https?:/{0,2}){1,3}(?=https?:/)", re.I)  # `http://https://…`, which editors' forms make
# Buttons to share, like, follow; never a post, though they may carry the address of one.
_INTENT = re.compile(r"(?:twitter|x)\.com/(?:intent|share|home\?status|i/flow|login|search|widgets/)", re.I)

# Both begin with plain letters, so that the search is quick. A code that was cut short ("pic.twitter.com/abc…") is none.
_CODE = r"(?:/|\\/|%2F)(?P<code>[A-Za-z0-9]{5,16}?)(?:(?=pic\.(?:twitter|x)\.com/|https?:)|(?![\w…/-]|\.\.\.|%2F|\\/))"
# What follows is only looked at, so that of two that were glued together the second one is found too.
_PIC = re.compile(rf"pic\.(?=(?P<site>twitter|x)\.com{_CODE})")
_T_CO = re.compile(rf"t\.co(?={_CODE})")
_REFERENCE = re.compile(
    r"(?:https?:)?(?://)?(?:www\.)?(?:pic\.twitter\.com|pic\.x\.com|t\.co)/(?P<code>(?-i:[A-Za-z0-9]{5,16}))/?(?:[?#].*)?$", re.I
)
MEDIA = re.compile(
    r"(?P<host>pbs|video)\.twimg\.com(?P<path>/(?:media|ext_tw_video_thumb|amplify_video_thumb|tweet_video_thumb|ext_tw_video|amplify_video"
    r"|tweet_video|card_img)/[\w./:%-]*\w(?:\?[\w=&;%.-]*\w)?)"
)
STRAY = " \t\r\n\"'“”″‘’\\"  # around addresses where an editor made quotation marks "smart", or a script escaped them
PIC, T_CO, TWIMG = "pic.", "t.co", "twimg.com"
KEYWORDS = (PIC, T_CO, TWIMG)
"""All that short links and pictures are known by in a page's raw text."""
MAX_MEDIA_URL = 300  # characters
MAX_REMEMBERED = 300  # characters of a URL
MAX_URL = 8_000  # characters that are looked at of one; behind a proxy they are escaped twice
PICTURE_SIZES = ("orig", "4096x4096", "large", "medium", "small")
_PICTURE_PATH = re.compile(r"(?P<path>/[\w/-]+?)(?:\.(?P<ext>jpe?g|png|webp|gif))?(?::(?P<size>\w+))?$", re.I)
_VIDEO_ID = re.compile(r"/(?:ext_tw_video|amplify_video)/\d+")


def post_id_of(url: str) -> str | None:
    """The id of the post that a URL names: twitter.com, x.com, front ends, behind an archive, a link checker or a proxy."""
    return _remembered(url) if len(url) <= MAX_REMEMBERED else _post_named_in(url)


def _post_named_in(url: str) -> str | None:
    if "//" not in url and ".com" not in url:
        return None
    text = _SCHEME_TWICE.sub("", url[:MAX_URL].strip(STRAY), count=1)
    found = _own_address(text) or _own_address(address_of(text))
    if found is None and _PROXY.match(text):
        found = POST_URL.search(unquote(unquote(text)))
    return (found["id"] or found["frame_id"]) if found else None


def _own_address(text: str) -> re.Match[str] | None:
    return None if _INTENT.search(text[:80]) else POST_URL.match(text)


_remembered = lru_cache(1_024)(_post_named_in)  # several forms ask of each link of a page in turn


def handle_of(url: str) -> str | None:
    """The handle in a post's URL; None where the URL has none (`/i/status/ID`)."""
    found = POST_URL.search(url) or (POST_URL.search(unquote(url)) if "%2F" in url else None)
    handle = found["handle"] if found else None
    return None if handle is None or handle.lower() in ("i", "web", "user", "anyuser", "twitter_user") else handle


def posted_at_of_id(post_id: str) -> str | None:
    """`2022-09-10T12:34:56Z` from an id made after 2010-11-04, which holds it; None for earlier ids, and for what is no id."""
    if not post_id.isdecimal() or not FIRST_SNOWFLAKE <= int(post_id) < 1 << 63:
        return None
    return to_iso(datetime.fromtimestamp(((int(post_id) >> 22) + SNOWFLAKE_EPOCH_MS) / 1000, UTC))


def short_link_key(reference: str) -> str | None:
    """`t.co/CODE` for `pic.twitter.com/CODE`, `pic.x.com/CODE` and `t.co/CODE`, with or without scheme; else None.

    The code is one and the same on all three hosts (572 of 633 pages that show both), and its case counts.
    """
    found = _REFERENCE.match(reference.strip())
    return f"t.co/{found['code']}" if found else None


def short_links_in(text: str, offsets: Callable[[str], Iterable[int]] | None = None) -> tuple[str, ...]:
    """All short links in a text or in markup, `pic.twitter.com/CODE` or `t.co/CODE`, once each, in order.

    `offsets` gives where in the text one of KEYWORDS begins, where that is known already.

    An anchor that leads to `t.co/CODE` and reads `pic.twitter.com/CODE` is one short link, and the one that readers saw is given.
    """
    seen: dict[str, tuple[int, str]] = {}
    for found in _matches(_PIC, PIC, text, offsets):
        seen.setdefault(found["code"], (found.start(), f"pic.{found['site']}.com/{found['code']}"))
    for found in _matches(_T_CO, T_CO, text, offsets):
        if not _goes_on_before(text, found.start()):  # not the end of `comment.co`
            place, shown = seen.get(found["code"], (found.start(), f"t.co/{found['code']}"))
            seen[found["code"]] = (min(place, found.start()), shown)
    return tuple(shown for _, shown in sorted(seen.values()))


def _matches(
    shape: re.Pattern[str], word: str, text: str, offsets: Callable[[str], Iterable[int]] | None
) -> Iterator[re.Match[str]]:
    """Where a shape is that begins with a word."""
    starts = offsets(word) if offsets is not None else offsets_of(text, word)
    return (found for at in starts if (found := shape.match(text, at)) is not None)


def short_link_ends(text: str) -> int | None:
    """Where the last short link of a text ends; None without one."""
    ends = [found.end("code") for found in _PIC.finditer(text)]
    ends += [found.end("code") for found in _T_CO.finditer(text) if not _goes_on_before(text, found.start())]
    return max(ends, default=None)


def _goes_on_before(text: str, at: int) -> bool:
    before = text[max(0, at - 5) : at]
    return bool(before) and (before[-1].isalnum() or before[-1] in "._-") and not before.upper().endswith(("%2F", "U002F"))


def media_in(markup: str, offsets: Callable[[str], Iterable[int]] | None = None) -> tuple[str, ...]:
    """All addresses of posts' pictures and videos in markup or JSON, absolute, once each, in order."""
    found: dict[str, None] = {}
    for at in offsets(TWIMG) if offsets is not None else offsets_of(markup, TWIMG):
        plain = markup[max(0, at - 8) : at + MAX_MEDIA_URL]
        for escaped, letter in (("\\/", "/"), ("\\u002F", "/"), ("&amp;", "&"), ("\\u0026", "&"), ("%2F", "/"), ("%3F", "?")):
            plain = plain.replace(escaped, letter)
        if address := MEDIA.search(plain):
            found[f"https://{address['host']}.twimg.com{address['path']}"] = None
    return tuple(found)


def media_key_of(url: str) -> str | None:
    """`pbs.twimg.com/media/KEY` for all sizes of a picture, `video.twimg.com/ext_tw_video/ID` for all renditions of a video."""
    found = MEDIA.search(unquote(url))
    if found is None:
        return None
    path = found["path"].split("?")[0]
    if found["host"] == "video":
        video = _VIDEO_ID.match(path)
        return f"video.twimg.com{video.group() if video else path.rsplit('.', 1)[0]}"
    picture = _PICTURE_PATH.match(path)
    return f"pbs.twimg.com{picture['path'] if picture else path}"


def media_addresses(url: str) -> tuple[str, ...]:
    """Where to ask for a picture, the original first; a video's one address; empty for other URLs."""
    found = MEDIA.search(unquote(url))
    if found is None:
        return ()
    address = f"https://{found['host']}.twimg.com{found['path']}"
    picture = _PICTURE_PATH.match(found["path"].split("?")[0])
    if found["host"] == "video" or picture is None:
        return (address,)
    named = re.search(r"[?&]format=(\w+)", urlsplit(address).query and "?" + urlsplit(address).query)
    extension = (named[1] if named else picture["ext"]) or "jpg"
    sizes = (f"https://pbs.twimg.com{picture['path']}?format={extension.lower()}&name={size}" for size in PICTURE_SIZES)
    return (*sizes, f"https://pbs.twimg.com{picture['path']}.{extension.lower()}")  # posters are not always there by size
