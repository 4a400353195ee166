"""Addresses in the one form in which platforms compare them, taken out of the addresses that hand them on."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from archiver.html.provider_values import player_address

MAX_ADDRESS = 2_000  # characters; no post's URL is nearly as long
MAX_REMEMBERED = 500  # characters of an address that is kept in memory
MAX_HANDED_ON = 4  # one within another: a copy of an archive, behind a redirect, behind an application's button
MAX_LABELS = 6  # of a host, from the right; no platform's has more than four
STRAY = " \t\r\n\\\"'“”″‘’<>"  # around addresses, where an editor made quotation marks "smart" or a blog escaped them

_URL = re.compile(
    r"(?:(?:https?|feed|httpv[hp]?d?):)?//(?:[^/?#@\s]*@)?(?P<host>[^/?#:\s]+\.[^/?#:\s]+)(?::\d*)?(?P<rest>(?:[^\s\"'<>”″]|'(?=\w))*)",
    re.I,
)
# m.cmx.im and cmx.im are two servers of Mastodon, with posts of their own.
_SAME_SITE = re.compile(r"^(?:www\d?|m(?!\.cmx\.im)|mobile|mbasic|amp)\.(?=[^.]+\.)")
_TWICE = re.compile(r"(?:https?:?//?){2,4}", re.I)  # `http://https://…`, `http://http//…`: pasted behind what stood there
# A web archive keeps the whole address in its path; a letter or two behind the date say how it shows it (`id_`, `if_`).
_ARCHIVED = re.compile(
    r"(?:(?:web|wayback)\.archive\.org(?:/web|/save)?|archive\.(?:today|ph|is|li|fo|md|vn)|(?:wayback\.)?archive-it\.org(?:/\d+)?|arquivo\.pt/wayback"
    r"|perma\.cc/warc|webarchive\.[\w.]+/\w+)"
    r"(?:/\w{2,12})?/(?:\d{4,14}(?:[a-z]{2}_|\*)?|\*|\d[\d.-]+)/(?P<inner>(?:https?:|//|%68|http%).*)",
    re.I,
)
# Archives write the links of the pages that they show without their host, or are at anybody's (pywb, at localhost as well).
_REPLAYED = re.compile(
    r"(?:(?:https?:)?//[^/?#\s]+)?/(?:web/(?:19|20)\d{2,12}(?:[a-z]{2}_)?|(?:[\w-]+/){0,2}(?:19|20)\d{6,12}(?:[a-z]{2}_)?"
    r"|[\w-]+/[a-z]{2}_)/(?P<inner>https?:/.*)",
    re.I | re.S,
)
# Services that lead on to an address in their query, by host: link checkers of platforms, proxies of embed services.
_HANDING_ON: dict[str, tuple[str, ...]] = {
    "google.com": ("url", "q"),
    "l.facebook.com": ("u",),
    "lm.facebook.com": ("u",),
    "l.instagram.com": ("u",),
    "l.threads.com": ("u",),
    "t.umblr.com": ("z",),
    "consent.youtube.com": ("continue",),
    "consent.google.com": ("continue",),
    "accounts.google.com": ("continue",),
    "youtube.com/redirect": ("q",),
    "vk.com/away.php": ("to",),
    "away.vk.com": ("to",),
    "out.reddit.com": ("url",),
    "steamcommunity.com/linkfilter": ("u", "url"),
    "disq.us": ("url",),
    "duckduckgo.com/l": ("uddg",),
    "safelinks.protection.outlook.com": ("url",),
    "embedly.com": ("url", "src"),
    "iframe.ly": ("url",),
    "iframely.net": ("url",),
    "if-cdn.com": ("url",),
    "noembed.com": ("url",),
    "twitframe.com": ("url",),
    "publish.x.com": ("url",),
    "publish.twitter.com": ("url",),
    "bsky.link": ("url",),
    "skyview.social": ("url",),
}
# Drupal since 8.6 (2018) frames what an oEmbed provider gave it in a page of its own, on the site's host or without naming one.
_DRUPALS_OWN = "/media/oembed?"
_DRUPAL = re.compile(
    r"\s*(?:(?:https?:)?//[^/?#]+)?(?:/[\w-]+){0,4}/media/oembed\?(?:[^#]*?&(?:amp;)?)?url=(?P<inner>[^&#]+)", re.I
)
# The frames that XenForo and phpBB (s9e/TextFormatter) put around other sites' scripts; the post is in the fragment.
_FORUM_FRAME = re.compile(r"s9e\.github\.io/iframe/\d/(?P<site>\w+)\.min\.html[^#]*#(?P<inner>[^?#\s]+)", re.I)
_IN_FORUM_FRAMES = {
    "twitter": "twitter.com/i/status/",
    "telegram": "t.me/",
    "instagram": "instagram.com/p/",
    "tiktok": "tiktok.com/embed/v2/",
    "reddit": "reddit.com/r/",
    "facebook": "facebook.com/",
    "bluesky": "",
}
# Where posts are: an address of one of these in another site's query is what that site leads on to (affiliate networks, counters
# of clicks, consent pages). Their own queries are theirs to read.
_POSTS_AT = frozenset(
    (
        *(
            "twitter.com",
            "x.com",
            "youtube.com",
            "youtu.be",
            "youtube-nocookie.com",
            "vimeo.com",
            "instagram.com",
            "facebook.com",
        ),
        *("fb.watch", "tiktok.com", "t.me", "telegram.me", "reddit.com", "redd.it", "threads.net", "threads.com", "bsky.app"),
        *("tumblr.com", "pinterest.com", "linkedin.com", "vk.com", "vk.ru", "ok.ru", "rutube.ru", "dailymotion.com", "dai.ly"),
        *("twitch.tv", "streamable.com", "rumble.com", "odysee.com", "soundcloud.com", "spotify.com", "flickr.com", "imgur.com"),
        *("giphy.com", "truthsocial.com", "gab.com", "mixcloud.com", "bandcamp.com", "apple.com", "scribd.com", "issuu.com"),
        *("knightlab.com", "verite.co", "documentcloud.org", "google.com", "archive.org", "amazonaws.com", "deezer.com"),
    )
)
_IN_QUERY = re.compile(r"[?&;#](?P<key>[\w.-]{1,40})=(?P<inner>https?(?:%(?:25)*3A(?:%(?:25)*2F){2}|%3A//|://)[^\s]{4,})", re.I)
# What shares, saves, likes or describes an address does not lead to it.
_NO_REDIRECT = re.compile(
    r"[^?#]*?(?:share|sharer|submit|save|bookmark|login|log-in|signin|sign-in|signup|register|oauth|intent|oembed|like|comment|translate"
    r"|validat|send|compose|add_to|widgets?/button|cite|report|reply|contact|wp-json|/add|/post|/search|addtoany|addthis)",
    re.I,
)
# Where a reader came from or goes back to afterwards.
_KEY_OF_ORIGIN = re.compile(r"(?:next|ref|refer+er|return\w*|back\w*|from|via|source|origin|parent|text|body|title|quote)$", re.I)
_CODED_QUOTES = r"(?:%E2%80%(?:9[89CD]|B[23])|%22|%27|&quot;|[“”‘’″])"
_QUOTED_BEFORE = re.compile(rf"(?:https?://)?{_CODED_QUOTES}+(?=https?:)", re.I)
_QUOTED_BEHIND = re.compile(rf"{_CODED_QUOTES}+/?$", re.I)
_LEADING_ON = (
    "lj-toys.com",
    "s9e.github.io",
    *(place.split("/")[0] for place in _HANDING_ON),
    "href.li",
    "anonym.to",
    "nullrefer.com",
)
_ARCHIVED_AT = re.compile(r"(?:web\.)?archive|arquivo\.pt|perma\.cc|wayback\.|webarchive\.")
_HIDDEN_REFERRER = re.compile(r"(?:href\.li|anonym\.to|nullrefer\.com)/\?(?P<inner>.+)", re.I)


def address_of(url: str) -> str:
    """`youtube.com/watch?v=ID#t=1` for `//www.youtube.com/watch?v=ID#t=1`; "" for what is no absolute URL.

    Without scheme, port, user and the host's `www.` or `m.`, the host in lower case, path and query as they are; of an address
    that only hands on (a web archive's copy, a redirect, a proxy for embeds) the one that it hands on.
    """
    if len(url) > MAX_REMEMBERED:
        return _address_in(url) if len(url) <= MAX_ADDRESS else ""
    return _remembered(url)


def domains_of(address: str) -> Iterator[str]:
    """`player.vimeo.com`, `vimeo.com`: the host of an address and the domains above it, but for the top one.

    Of a host with very many labels the last MAX_LABELS, so that a page of such links is no work.
    """
    host = ".".join(host_in(address).rsplit(".", MAX_LABELS)[-MAX_LABELS:])
    while "." in host:
        yield host
        host = host.partition(".")[2]


def host_of_link(url: str) -> str:
    """`host_in(address_of(url))`, and quick where the host tells all: a page has hundreds of links, few lead to a platform."""
    begin = url.find("//", 0, 10) + 2
    if "=http" in url:  # which a redirect may lead on to
        return host_in(address_of(url))
    if begin < 2 or url.find("/http", begin - 1) >= 0:  # a link of a web archive's page may have another host behind
        return host_in(address_of(url)) if "/http" in url or url[:1] == "%" else ""
    end = url.find("/", begin)
    host = _plain_host(url[begin : end if end > 0 else len(url)])
    return host if host is not None else host_in(address_of(url))


@lru_cache(8_192)
def _plain_host(written: str) -> str | None:
    """A host as addresses have it; None where the whole address is needed to know."""
    if re.fullmatch(r"[\w.-]+", written) is None:
        return None
    host = _SAME_SITE.sub("", written.lower().rstrip("."), count=1)
    return None if host.endswith(_LEADING_ON) or _ARCHIVED_AT.match(host) else host


def host_in(address: str) -> str:
    """The host of what `address_of` gave."""
    end = len(address)
    for mark in "/?#":
        at = address.find(mark, 0, end)
        end = at if at >= 0 else end
    return address[:end]


def value_in(address: str, name: str) -> str | None:
    """The first value of a parameter in the query of an address, or in its fragment, decoded; None without one.

    An address that nobody encoded is taken with its own query: all the rest.
    """
    for pair in re.finditer(r"[?#&](?P<key>[^=?#&]*)=(?P<value>[^?#&]+)", address):
        if pair["key"] == name:
            if "://" in pair["value"] and address[pair.end() : pair.end() + 1] == "?":
                return address[pair.start("value") :]
            return unquote(pair["value"].replace("+", " "))
    return None


def _address_in(url: str) -> str:
    drupal = _DRUPAL.match(url) if _DRUPALS_OWN in url else None
    replayed = _REPLAYED.match(url.strip(STRAY)) if "/http" in url else None
    if drupal is not None:
        address = _plain(_with_scheme(unquote(drupal["inner"])))
    else:
        address = _plain(_with_scheme(replayed["inner"]) if replayed is not None else url)
    for _ in range(MAX_HANDED_ON):
        inner = _handed_on(address)
        if inner is None:
            break
        address = inner
    return address


_remembered = lru_cache(8_192)(_address_in)  # links repeat within a page and from page to page


def _plain(url: str) -> str:
    text = url.strip(STRAY)
    if "\\/" in text:
        text = re.sub(r"\\+/", "/", text)
    if text.find("http", 4, 12) > 0:
        text = _TWICE.sub("//", text, count=1) if _TWICE.match(text) else text
    if (quoted := _QUOTED_BEFORE.match(text)) is not None:
        text = _QUOTED_BEHIND.sub("", text[quoted.end() :])
    found = _URL.match(text)
    if found is None:
        return ""
    rest = found["rest"]
    if "&amp;" in rest:
        rest = rest.replace("&amp;", "&")
    host = found["host"].lower().rstrip(".")
    return _SAME_SITE.sub("", host, count=1) + (rest.rstrip("\\") if rest[:1] != "\\" else "")


def _handed_on(address: str) -> str | None:
    """The address that this one leads on to; None where it stands for itself."""
    found = _ARCHIVED.match(address) or _HIDDEN_REFERRER.match(address)
    if found is not None:
        return _plain(_with_scheme(found["inner"]))
    if (framed := _FORUM_FRAME.match(address)) is not None:
        return _IN_FORUM_FRAMES.get(framed["site"].lower(), "s9e.github.io/") + framed["inner"]
    for domain in domains_of(address):
        names = _HANDING_ON.get(domain)
        if names is None:
            path = address[len(host_in(address)) :].split("?")[0].rstrip("/")
            names = _HANDING_ON.get(domain + path) if path else None
        for name in names or ():
            if (inner := value_in(address, name)) and (plain := _plain(_with_scheme(inner))):
                return plain
    if address.startswith("l.lj-toys.com/"):  # LiveJournal frames every video in a page of this host
        return player_address(value_in(address, "source") or "", value_in(address, "vid") or "")
    return led_on_by(address) if "=http" in address and _POSTS_AT.isdisjoint(domains_of(address)) else None


def led_on_by(address: str) -> str | None:
    """The address at a platform that the query of another site's address has, however often it is encoded; None without one."""
    if _NO_REDIRECT.match(address):
        return None
    for found in islice(_IN_QUERY.finditer(address), MAX_HANDED_ON):
        if _KEY_OF_ORIGIN.match(found["key"]):
            continue
        inner = found["inner"]
        for _ in range(MAX_HANDED_ON):
            if not re.match(r"https?:?%", inner, re.I):
                break
            inner = unquote(inner.partition("&")[0])
        plain = _plain(inner)
        if plain and not _POSTS_AT.isdisjoint(domains_of(plain)):
            return plain
    return None


def _with_scheme(text: str) -> str:
    """An inner address, decoded where it was encoded whole; `http:/` with one slash is what some archives make of it."""
    if "%2F" in text[:12] or "%2f" in text[:12]:
        text = unquote(text)
    return re.sub(r"^(https?:)/(?!/)", r"\1//", text, flags=re.I)
