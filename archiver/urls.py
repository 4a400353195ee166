"""URLs: reading them leniently, joining them, and the key under which one is looked up."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urljoin, urlsplit

from archiver.errors import BadUrl

# Parameters that say where a reader came from, not what is shown. Dropped from the key only, never from what is fetched.
TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|mc_[ce]id|igshid|ref_src|ref_url)=", re.I)
DEFAULT_PORTS = {"http": 80, "https": 443}
REMEMBERED = 8_192  # results; a site's pages link to the same addresses over and over
MAX_LABEL = 63  # characters between two dots of a host name (RFC 1035, 2.3.4)
MAX_URL = 16_000  # characters; longer "URLs" are data, not addresses

_WAYBACK = re.compile(r"https?://(?:web\.archive\.org/web|archive\.\w{2,5})/\d{4,14}(?:[a-z]{2}_)?/(?=https?:)", re.I)
_SAFE = "!$&'()*+,;=:@-._~/%"
# Spelled out: what `urlsplit` takes between brackets, and beside them, changes between patch releases of Python.
_IN_BRACKETS = re.compile(r"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[\w.\-]+)?\](?::\d*)?")


@lru_cache(REMEMBERED)
def checked(url: str) -> str:
    """The URL in the form in which it is fetched: http or https, a host in IDNA, no fragment, no spaces or control characters.

    Raises `BadUrl` with the reason. The path's case and its percent-encoding stay as they are.
    """
    text = url.strip()
    if len(text) > MAX_URL:
        raise BadUrl(f"{_shown(text)[:80]}… is longer than {MAX_URL} characters")
    try:
        parts = urlsplit(re.sub(r"[\t\r\n]", "", text))
        host, port = parts.hostname or "", parts.port
        if "[" in parts.netloc and not _IN_BRACKETS.fullmatch(parts.netloc.rpartition("@")[2]):
            raise ValueError("brackets are for IPv6 addresses")
    except ValueError as error:
        why = "" if "@" in text else f" ({error})"  # which quotes it
        raise BadUrl(f"{_shown(text)} is not a URL{why}") from None
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise BadUrl(f"{_shown(text)} is not a URL that can be fetched: it must begin with http:// or https://")
    if not host or host.startswith("."):
        raise BadUrl(f"{_shown(text)} has no host name")
    if "\\" in parts.netloc:  # to a browser it is a slash, so that the host would be another one
        raise BadUrl(f"{_shown(text)} has a backslash where its host is named")
    netloc = f"[{host}]" if ":" in host else _idna(host, text)
    if port is not None and port != DEFAULT_PORTS[parts.scheme.lower()]:
        netloc += f":{port}"
    path = quote(parts.path or "/", safe=_SAFE)
    query = "?" + quote(parts.query, safe=_SAFE + "?[]") if parts.query or "?" in text.split("#")[0] else ""
    return f"{parts.scheme.lower()}://{netloc}{path}{query}"


def with_scheme(text: str) -> str:
    """`https://` put before what has no scheme and begins with a host name (`blog.example/post`); other text unchanged."""
    return f"https://{text}" if "://" not in text and "." in text.split("/")[0] else text


def _shown(url: str) -> str:
    """For messages: without what may be a user's password, also where it has a character that ends it early."""
    before, slashes, behind = url.partition("//")
    return before + slashes + behind.rpartition("@")[2]


def _idna(host: str, url: str) -> str:
    host = unquote(host)  # `%31%32%37.0.0.1` is 127.0.0.1 to browsers (URL standard, host parser), and may be to a proxy
    name = host.lower().rstrip(".")
    if not host.isascii():
        try:
            name = _international(host)
        except UnicodeError:
            raise BadUrl(f"{_shown(url)} has a host name that is no valid international name") from None
    # In the international name too, where a no-break space has become a blank.
    if not name or name.startswith(".") or re.search(r"[^\w.\-~]", name):
        raise BadUrl(f"{_shown(url)} has a character in its host name that no host name has")
    return name


def _international(host: str) -> str:
    """As browsers spell it (UTS #46, not transitional). Python's own codec is of 2003: to it `straße.de` is `strasse.de`, which
    may be somebody else's. Raises `UnicodeError`."""
    from idna import uts46_remap  # noqa: PLC0415  its tables take 60 ms to read, and few names need them

    labels = uts46_remap(host, std3_rules=False).rstrip(".").split(".")
    names = [label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels]
    if max(map(len, names)) > MAX_LABEL:
        raise UnicodeError
    return ".".join(names)


def absolute(base: str, reference: str) -> str | None:
    """`reference` resolved against the URL `base` (RFC 3986, 5.2) and `checked`; None where that gives no http(s) URL."""
    try:
        return checked(urljoin(base, reference.strip()))
    except (BadUrl, ValueError):
        return None


def host_of(url: str) -> str:
    """The lower-case host name of a URL, without port and trailing dot; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def without_wayback(url: str) -> str:
    """The URL inside `https://web.archive.org/web/2022…/https://…` or archive.today's equivalent; other URLs unchanged."""
    return _WAYBACK.sub("", url, count=1)


@lru_cache(REMEMBERED)
def url_key(url: str) -> str:
    """The key under which a URL is looked up: `example.org/Path?b=1&a=2`.

    Scheme, `www.`, default port, fragment, tracking parameters and a trailing slash are dropped, the host is lower case and in
    IDNA, percent-encoding is made uniform. **The case of path and query stays**: short links depend on it.
    """
    try:
        parts = urlsplit(checked(url))
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except BadUrl:
        return url.strip()
    path = quote(unquote_to_bytes(parts.path), safe="!$&'()*+,;=:@-._~/").rstrip("/")
    query = "&".join(pair for pair in parts.query.split("&") if pair and not TRACKING.match(pair))
    return f"{host.removeprefix('www.')}{port}{path}{'?' + query if query else ''}"


def query_value(url: str, name: str) -> str | None:
    """The first value of the query parameter `name`, percent-decoded; None where it is missing or empty."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return None
    return next((value for key, value in parse_qsl(query) if key == name), None)
