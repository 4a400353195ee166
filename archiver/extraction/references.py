"""The references of one page made absolute, fast enough for pages with hundreds of them."""

import re
from functools import cached_property
from urllib.parse import urlsplit

from archiver.html.document import Document
from archiver.urls import TRACKING, url_key

MAX_REFERENCES = 10_000  # different ones of one page; the largest real page seen has 1,400

# What needs no work: a lower-case host without user or default port, and only characters that `urls.checked` leaves alone.
READY = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::(?!80/|443/)[1-9]\d{1,4})?/[\w!$&'()*+,;=:@.~/%?-]*", re.A)
_FROM_ROOT = re.compile(r"/(?!/)[\w!$&'()*+,;=:@.~/%?-]*", re.A)
_FROM_FOLDER = re.compile(r"(?:\./)?((?:\.\./)*)([\w!$&'()*+,=@~%-][\w!$&'()*+,=@.~/%-]*)", re.A)
_NEVER = re.compile(r"\s*(?:javascript|mailto|tel|data|blob|about|whatsapp|sms):", re.I)
_DOTS = re.compile(r"/\.\.?(?:[/?;]|$)")  # urljoin resolves these
_PLAIN = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?!80/|443/)[1-9]\d{1,4})?/[A-Za-z0-9!$&'()*+,;=:@._~/-]*)"
)
_PLAIN_QUERY = re.compile(r"[\w!$&'()*+,;=:@./~%?-]*", re.A)


class ReferenceResolver:
    """Resolves the references of one page as `Document.absolute` does, once each, with a short way for the usual shapes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, str | None] = {}
        parts = urlsplit(document.base)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        path = parts.path
        self._folders = path.split("/")[1:-1]
        self._is_plain = READY.fullmatch(self._origin + path) is not None and "//" not in path and not _DOTS.search(path)

    def absolute(self, reference: str | None) -> str | None:
        """The URL, ready to fetch, without fragment; None where it is no http(s) URL, or beyond MAX_REFERENCES."""
        if not reference or len(self._known) > MAX_REFERENCES:
            return None
        if reference[0] == "#":
            return self._itself
        if reference not in self._known:
            self._known[reference] = self._resolve(reference)
        return self._known[reference]

    @cached_property
    def _itself(self) -> str | None:
        """Where references within the page lead: a menu may have dozens of them."""
        return self._document.absolute("#")

    def _resolve(self, reference: str) -> str | None:
        if READY.fullmatch(reference) and reference[-1] not in "?;" and "/." not in reference:
            return reference
        if reference.count("/") == 2 and READY.fullmatch(f"{reference}/"):
            return f"{reference}/"
        plain = reference.split("#", 1)[0].strip()
        if plain and plain[-1] not in "?;" and not ("/." in plain and _DOTS.search(plain)):
            if READY.fullmatch(plain):
                return plain
            if self._is_plain and _FROM_ROOT.fullmatch(plain):
                return self._origin + plain
        if self._is_plain and (found := self._from_folder(plain)) is not None:
            return found
        return None if _NEVER.match(plain) else self._document.absolute(reference)

    def _from_folder(self, plain: str) -> str | None:
        """`post.html`, `../../tag/x/`: addresses from the page's own folder; None for all other shapes."""
        match = _FROM_FOLDER.fullmatch(plain)
        if match is None or "//" in plain or plain[-1] in "?;" or ("/." in plain and _DOTS.search(match[2])):
            return None
        folders = self._folders[: max(0, len(self._folders) - match[1].count("../"))]
        return "/".join((self._origin, *folders, match[2]))


def key_of(url: str) -> str:
    """`urls.url_key` of a URL, with a short way for those whose path has no percent signs."""
    address, _, query = url.partition("?")
    plain = _PLAIN.fullmatch(address)
    if plain is None or not _PLAIN_QUERY.fullmatch(query):
        return url_key(url)
    pairs = [pair for pair in query.split("&") if pair and not TRACKING.match(pair)] if query else []
    return f"{plain[1].rstrip('/')}?{'&'.join(pairs)}" if pairs else plain[1].rstrip("/")
