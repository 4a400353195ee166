"""The elements of a page that may embed a post: those with an address or a value beside what they show.

One walk over the page serves all platforms: lazy loaders, consent banners and galleries each have names of their own for the
attribute that holds a frame's address until a reader scrolls or agrees, so every attribute counts here, whatever its name.
"""

import re
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import islice
from operator import itemgetter
from typing import Generic, TypeVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, domains_of, host_in, host_of_link, led_on_by
from archiver.html.provider_values import named_players
from archiver.model.findings import EmbedKind

ANYWHERE = "*"  # stands for all hosts, where a platform's posts are on any of them

_PLAYER_KEYWORDS = (
    '"embed":"http',
    '"embed": "http',
    "embedUrl",
    "embed_url",
    "embedSWF",
    "SWFObject",
    "createSWF",
)  # in scripts that may name a player
_STANDALONE_KEYWORDS = (">http", "]http", " http", "\nhttp", "\thttp", 'url="http')  # where a URL may stand alone
KEYWORDS = (*_PLAYER_KEYWORDS, *_STANDALONE_KEYWORDS)
"""What is searched for in a page's raw text."""
MAX_CANDIDATES = 50_000  # of one piece; more frames and placeholders than that are an attack
MAX_LINKS = 50_000
MAX_VALUE = 20_000  # characters of an attribute's value that are looked at
MAX_JSON_ADDRESSES = 50  # in one attribute
MAX_STANDALONE_URLS = 5_000  # in one piece

_FRAMES = frozenset(("iframe", "amp-iframe", "embed", "object", "param", "frame"))
_LINKS = ("a", "area")
_VIDEO_JS = "data-setup"  # where video.js (docs/guides/setup.md) has the settings of a player, and the videos that it plays
_ALWAYS = _FRAMES | {"blockquote"}
# Elements that embed nothing: text, layout, pictures, and head matter. A `data-src` of theirs is a picture's.
_PLAIN = frozenset(
    (
        *("p", "br", "hr", "b", "i", "u", "em", "strong", "small", "sup", "sub", "font", "code", "pre", "abbr", "time", "del"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "thead", "tfoot", "tr", "th"),
        *("img", "picture", "source", "video", "audio", "track", "svg", "path", "g", "use", "circle", "rect", "canvas", "map"),
        *("html", "head", "body", "main", "meta", "link", "base", "style", "title", "noscript", "template"),
        *("form", "input", "select", "option", "textarea", "label", "fieldset", "legend"),
    )
)
# Elements with no attribute but these embed nothing.
_SILENT = frozenset(
    (
        *("class", "id", "style", "href", "rel", "target", "title", "role", "lang", "dir", "tabindex", "hidden", "type", "name"),
        *("aria-label", "aria-hidden", "aria-labelledby", "aria-expanded", "aria-controls", "itemprop", "itemscope", "itemtype"),
        *("src", "async", "defer", "charset", "crossorigin", "integrity", "referrerpolicy", "disabled", "value", "for", "alt"),
        *("onclick", "width", "height", "align", "valign", "colspan", "rowspan", "border", "hreflang", "accesskey", "rev"),
    )
)
# Attributes whose addresses lead somewhere and show nothing, or are meant for other programs.
_NO_EMBED_ATTRIBUTE = re.compile(
    r"(?:href|cite|action|content|title|alt|style|class|id|name|on\w+|poster|srcset|(?:data-)?srcdoc|data-srcset|data-share\S*|data-permalink"
    r"|data-canonical\S*|data-rich-links|data-smartmail|data-sheets-[\w-]+|data-saferedirecturl|data-(?:mce|cke-saved)-\w+|data-pin-\w+|data-a2a-url|st_url|addthis:url|data-disqus\S*|xmlns\S*|item(?:id|type|prop))$",
    re.I,
)
# Share buttons and the like, by what they are, or by the services whose scripts look for them.
_SHARES = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|sharer|follow|like)(?:$|[\s_-])|button|addtoany|timeline|profile-embed"
    r"|(?:^|\s)(?:addthis|a2a_|st_|sharethis|shareaholic|ssk|heateor|jssocials|ssba|sharrre)",
    re.I,
)
_JSON_ADDRESS = re.compile(r"\"(?P<key>[\w-]*)\"\s{0,9}:\s{0,9}\"(?P<url>(?:https?:)?(?:\\?/){2}[^\"\s]{4,2000})\"", re.I)
_EMBED_URL = re.compile(
    r"\\?\"embed(?:_?Url)?\\?\"\s{0,9}:\s{0,9}\\?\"(?P<url>(?:https?:)?(?:\\{0,3}/){2}[^\"\s]{4,2000})\"", re.I
)
# How scripts put a Flash player into a page: `new SWFObject(url, …` (SWFObject 1), `swfobject.embedSWF(url, …` (2).
_FLASH = re.compile(r"(?:embedSWF|SWFObject)\s{0,9}\(\s{0,9}[\"'](?P<url>(?:https?:)?//[^\"'\s]{4,2000})[\"']", re.I)
_ALONE = re.compile(
    r"\s{0,80}(?:\[(?:embed|youtube|vimeo|tiktok|instagram|facebook|soundcloud|spotify|twitch|dailymotion|reddit|tumblr|bluesky)\b"
    r"[^\]<>]{0,80}?\]?\s{0,9})?(?P<url>(?:https?|httpv[hp]?d?)://[^\s<\[\]\"']{4,2000})\"?\s{0,80}(?:[^\]<>]{0,80}\])?(?:\[/\w+\])?\s{0,80}<",
    re.I,
)
Filed = TypeVar("Filed")
Element = tuple[LexborNode, str, dict[str, str | None]]
"""A node with its tag and attributes, which cost a little each time they are read."""
_PLAYING = frozenset(("video", "audio", "source"))  # MediaElement.js and WordPress play other sites' addresses from their `src`
_CARD = "embedly-card"  # what Embedly's script makes a card of; Iframely's looks for `data-iframely-url` on a link
# Where a podcast can be heard: JSON with two of these keys is a list of places, and shows none of them.
_KEY_OF_LISTENING = re.compile(
    r"(?:spotify|apple|apple_?podcasts?|itunes|deezer|castbox|overcast|pocket_?casts|stitcher|google_?(?:podcasts?|play)|amazon(?:_?music)?"
    r"|tune_?in|i?heart(?:_?radio)?|podcast_?addict|youtube(?:_?music)?|soundcloud|rss|bandcamp|tidal)(?:_?-?(?:url|link|href|id))?",
    re.I,
)
_KEY_OF_SHARING = re.compile(r"share|profile|social|follow|sameas|author|logo|thumb|image|poster", re.I)


@dataclass(frozen=True, slots=True)
class EmbedCandidate:
    """An element, and one of its values: an address that may be a post's, or what a platform's own attribute holds."""

    node: LexborNode
    attribute: str
    value: str
    kind: EmbedKind
    address: str = ""
    """As `address_of` gives it; "" for a value that is none."""


@dataclass(frozen=True, slots=True)
class StandaloneUrl:
    """A URL that is all the text of an element."""

    url: str
    """As it stands there."""
    address: str
    """As `address_of` gives it."""


class ByHost(Generic[Filed]):
    """Things filed under the host of their address, found by domain."""

    def __init__(self) -> None:
        self._hosts: dict[str, list[tuple[int, Filed]]] = {}
        self._below: dict[str, list[str]] | None = None
        self._count = 0

    def add(self, host: str, what: Filed) -> None:
        """Files one; without a host it is left out. Add all before the first call of `domains` or `at`."""
        if host:
            self._count += 1
            self._hosts.setdefault(host, []).append((self._count, what))

    def domains(self) -> Mapping[str, list[str]]:
        """Each domain with something at it or below, ANYWHERE being one, and the hosts below it."""
        if self._below is None:
            self._below = {ANYWHERE: list(self._hosts)} if self._hosts else {}
            for host in self._hosts:
                for domain in domains_of(host):
                    self._below.setdefault(domain, []).append(host)
        return self._below

    def at(self, domains: Iterable[str]) -> list[Filed]:
        """All at these domains and below (`player.vimeo.com` for `vimeo.com`), in the order in which they were added."""
        below = self.domains()
        known = [domain for domain in domains if domain in below]
        if not known:
            return []
        hosts = dict.fromkeys(host for domain in known for host in below[domain])
        filed = [pair for host in hosts for pair in self._hosts[host]]
        return [what for _, what in (sorted(filed, key=itemgetter(0)) if len(hosts) > 1 else filed)]


class EmbedCandidates:
    """The elements and URLs in one piece of a page that may embed a post."""

    def __init__(self) -> None:
        self.frames: ByHost[EmbedCandidate] = ByHost()
        """Frames and placeholders by their addresses."""
        self.standalone_urls: ByHost[StandaloneUrl] = ByHost()
        """URLs that are all the text of an element."""
        self.links: ByHost[str] = ByHost()
        """What anchors lead to, as it stands in the page."""
        self.pictures: ByHost[str] = ByHost()
        """The `src` of pictures, as it stands in the page."""
        self._elements: dict[str, list[LexborNode]] = {}

    @cached_property
    def domains(self) -> frozenset[str]:
        """All domains that something here leads to; ANYWHERE if anything does."""
        return frozenset().union(*(filed.domains() for filed in (self.frames, self.standalone_urls, self.links, self.pictures)))

    @property
    def keys(self) -> KeysView[str]:
        """All keys that `elements` knows."""
        return self._elements.keys()

    def links_to(self, domains: Iterable[str]) -> Iterator[str]:
        """The addresses that anchors lead to, at one of these domains or below."""
        return map(address_of, self.links.at(domains))

    def elements(self, key: str) -> Sequence[LexborNode]:
        """Elements by custom tag (`lite-youtube`, `blockquote`), class (`.imgur-embed-pub`) or attribute (`[data-pin-do]`).

        Of elements that have more than what layout and links need; classes not of links and scripts.
        """
        return self._elements.get(key, ())

    def add_element(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        """Files it by all that a platform's own markup is known by."""
        if "-" in tag or tag in ("blockquote", "iframe"):
            self._elements.setdefault(tag, []).append(node)
        for name, value in attributes.items():
            if name.startswith("data-"):
                self._elements.setdefault(f"[{name}]", []).append(node)
            elif name == "class" and value and tag not in ("a", "script"):
                for word in value.split()[:20]:
                    self._elements.setdefault(f".{word}", []).append(node)


def candidates_in(elements: Iterable[Element], markup: str, offsets: Callable[[str], Iterable[int]]) -> EmbedCandidates:
    """All candidates of a piece: at most MAX_CANDIDATES frames and placeholders, MAX_LINKS links and pictures.

    `offsets` gives where in the raw text, `markup`, one of KEYWORDS begins.
    """
    found = EmbedCandidates()
    may_embed = any(True for word in _PLAYER_KEYWORDS for _ in offsets(word))
    seen = links = 0
    for node, tag, attributes in elements:
        if tag in _PLAYING and (source := attributes.get("src")) and "//" in source and seen < MAX_CANDIDATES:
            address = address_of(source)
            found.frames.add(host_in(address), EmbedCandidate(node, "src", source, EmbedKind.PLACEHOLDER, address))
        if tag in _LINKS:
            links += 1
            if links <= MAX_LINKS and (href := attributes.get("href") or attributes.get("xlink:href")) and "//" in href:
                found.links.add(host_of_link(href), href)
            if len(attributes) < 2:
                continue
            if tag == "a" and ("data-iframely-url" in attributes or _CARD in (attributes.get("class") or "")):
                _add_card(found, node, attributes.get("href"))
        elif tag == "img":
            links += 1
            if links <= MAX_LINKS and (source := attributes.get("src")) and "//" in source:
                found.pictures.add(host_of_link(source), source)
            continue
        elif tag in _PLAIN and (tag != "video" or _VIDEO_JS not in attributes):
            continue
        if seen >= MAX_CANDIDATES or (attributes.keys() <= _SILENT and tag not in _ALWAYS and "-" not in tag):
            continue
        seen += 1
        found.add_element(node, tag, attributes)
        if tag == "blockquote" and _CARD in (attributes.get("class") or ""):
            link = node.css_first("a[href]")
            _add_card(found, node, link.attributes.get("href") if link is not None else None)
        if tag not in ("a", "script"):
            for name, address in named_players(attributes):
                if not _SHARES.search(attributes.get("class") or ""):
                    named = EmbedCandidate(node, name, f"https://{address}", EmbedKind.PLACEHOLDER, address)
                    found.frames.add(host_in(address), named)
            for candidate in _addressed(node, tag, attributes):
                found.frames.add(host_in(candidate.address), candidate)
    if may_embed:
        for node, tag, _ in elements:
            for candidate in _embed_urls(node) if tag == "script" else ():
                found.frames.add(host_in(candidate.address), candidate)
    for standalone in _standalone_urls(markup, offsets):
        found.standalone_urls.add(host_in(standalone.address), standalone)
    return found


def _add_card(found: EmbedCandidates, node: LexborNode, href: str | None) -> None:
    """A link that a script of Embedly or Iframely makes a card of what it leads to."""
    address = address_of(href) if href else ""
    found.frames.add(host_in(address), EmbedCandidate(node, "href", href or "", EmbedKind.LINK_CARD, address))


def _addressed(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> Iterator[EmbedCandidate]:
    for name, value in attributes.items():
        if value and value.startswith("www.") and tag in _FRAMES and name.endswith("src"):
            value = f"//{value}"  # a browser takes it for a page of the site; what was meant is plain
        if value and tag in _FRAMES and "=http" in value and value.startswith("/") and (inner := led_on_by(value)):
            yield EmbedCandidate(node, name, value, EmbedKind.IFRAME, inner)  # Telegraph's `/embed/youtube?url=…`
            continue
        if (
            not value
            or ("//" not in value and "\\/\\/" not in value)
            or len(value) > MAX_VALUE
            or _NO_EMBED_ATTRIBUTE.match(name)
        ):
            continue
        if tag not in _FRAMES and _SHARES.search(attributes.get("class") or ""):
            return
        if tag == "param" and node.parent is not None and node.parent.tag == "object":
            node = node.parent  # which holds an <embed> with the same address
        text = value.strip()
        if text.startswith(("{", "[")):
            yield from _in_json(node, name, text)
        elif address := address_of(text):
            yield EmbedCandidate(node, name, value, _kind_of(tag), address)


def _kind_of(tag: str) -> EmbedKind:
    if tag in ("iframe", "embed", "object", "param", "frame"):
        return EmbedKind.IFRAME
    if tag == "blockquote":
        return EmbedKind.BLOCKQUOTE
    return EmbedKind.AMP if tag.startswith("amp-") else EmbedKind.PLACEHOLDER


def _in_json(node: LexborNode, name: str, text: str) -> Iterator[EmbedCandidate]:
    """The addresses in an attribute that holds JSON, as page builders keep their settings."""
    entries = list(islice(_JSON_ADDRESS.finditer(text), MAX_JSON_ADDRESSES))
    listening = sum(_KEY_OF_LISTENING.fullmatch(entry["key"]) is not None for entry in entries) >= 2
    for entry in entries:
        if listening and _KEY_OF_LISTENING.fullmatch(entry["key"]):
            continue
        if _KEY_OF_SHARING.search(entry["key"]) is None and (address := address_of(entry["url"])):
            yield EmbedCandidate(node, name, entry["url"], EmbedKind.PLACEHOLDER, address)


def _embed_urls(script: LexborNode) -> Iterator[EmbedCandidate]:
    """What a page's JSON names as the address of a player that it embeds (schema.org: VideoObject.embedUrl), or loads."""
    text = script.text(deep=True) or ""
    for entry in _FLASH.finditer(text) if "SWF" in text else ():
        if address := address_of(entry["url"]):
            yield EmbedCandidate(script, "embedSWF", entry["url"], EmbedKind.SCRIPT, address)
    for entry in _EMBED_URL.finditer(text) if "embed" in text else ():
        if address := address_of(entry["url"]):
            yield EmbedCandidate(script, "embedUrl", entry["url"], EmbedKind.SCRIPT, address)


def _standalone_urls(markup: str, offsets: Callable[[str], Iterable[int]]) -> Iterator[StandaloneUrl]:
    """URLs that are the whole text of an element: what WordPress shows when it could not fetch the embed."""
    seen: set[int] = set()
    for word in _STANDALONE_KEYWORDS:
        for at in islice(offsets(word), MAX_STANDALONE_URLS):
            begin = markup.rfind(">", max(0, at - 160), at + 1) + 1
            if begin == 0 or begin in seen or markup.find("<", begin, at) >= 0:
                continue
            seen.add(begin)
            entry = _ALONE.match(markup, begin)
            url = unescape(entry["url"]) if entry else ""
            if address := address_of(url):
                yield StandaloneUrl(url, address)
