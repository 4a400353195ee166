"""Hosts that are broken on purpose, whole: what stands in the way of a post, and says nothing of it.

Each mode was met by somebody at some platform (dates and sources in the comments). Which host is in which mode is said by
`SampleWeb.broken`; it may be changed at any time.
"""

import json
from enum import StrEnum
from urllib.parse import quote

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.troubles import RETRY_AFTER_SECONDS

ELSEWHERE = "parked-name.example"
"""The host to which `Broken.ELSEWHERE` redirects."""
HTML_TYPE = "text/html; charset=utf-8"
_OPEN = (("access-control-allow-origin", "*"),)


class Broken(StrEnum):
    """In which way a host is broken."""

    ELSEWHERE = "elsewhere"
    """302 to the front page of a stranger, as twitframe.com (4chan-x#3550, 2026-03-03)."""
    TO_LOGIN = "to_login"
    """302 to a login page on the same host, as old.reddit.com (only-cli/oc#52, 2026-06-30); the login page answers 200."""
    LOGIN = "login"
    """The login page itself, with 200."""
    CONSENT = "consent"
    """A page that asks for consent to cookies, with 200."""
    NOT_FOUND_PAGE = "not_found_page"
    """404 and a page, to everything: a host that was retired."""
    NOT_FOUND_EMPTY = "not_found_empty"
    """404 and a few words that are no JSON, to everything."""
    PAYMENT = "payment"
    """402, as X's oEmbed host to some clients (2026-07)."""
    FIREWALL = "firewall"
    """403 and a firewall's page with words that sound like a verdict, as vimeo.com (yt-dlp#16722, 2026-08)."""
    TOO_MANY = "too_many"
    """429 with Retry-After, without end."""
    UNKNOWN_ERROR = "unknown_error"
    """520 and Cloudflare's page, as X's oEmbed host (Umbraco-CMS#21053, 2025-12-04)."""
    CHALLENGE = "challenge"
    """200 and a page whose script computes something, as VK's (yt-dlp acfc00a955, 2026-02)."""
    APP_SHELL = "app_shell"
    """200 and the empty page of an application, whatever was asked for."""
    OTHER_JSON = "other_json"
    """200 and JSON of a shape that nobody knows."""
    EMPTY = "empty"
    """200 without a body."""
    CLOSED = "closed"
    """The connection ends without a byte."""
    NO_TLS = "no_tls"
    """The TLS handshake is refused; without TLS the connection ends without a byte."""


HANGS_UP = frozenset((Broken.CLOSED, Broken.NO_TLS))
"""Modes without a reply."""


def broken_reply(mode: Broken, request: Request) -> Reply:
    """What a broken host answers. Raises ValueError for modes in `HANGS_UP`, which answer nothing."""
    if request.path == "/robots.txt":  # that nothing is forbidden is another question
        return Reply(404, b"", "text/plain")
    following = quote(request.target, safe="")
    match mode:
        case Broken.ELSEWHERE:
            return Reply(302, headers=(("location", f"https://{ELSEWHERE}/"), *_OPEN))
        case Broken.TO_LOGIN if not request.path.startswith("/login"):
            return Reply(302, headers=(("location", f"https://{request.host}/login/?reason=lor2&next={following}"), *_OPEN))
        case Broken.TO_LOGIN | Broken.LOGIN:
            return _page(200, "Log in", f'<form action="/login/?next={following}">{_FIELDS}<button>Log in</button></form>')
        case Broken.CONSENT:
            words = "<h1>Before you continue</h1><p>We use cookies and data.</p><form><button>Reject all</button></form>"
            return _page(200, "Before you continue", words)
        case Broken.NOT_FOUND_PAGE:
            return _page(404, "404 Not Found", "<h1>404 Not Found</h1><p>The requested page was not found on this server.</p>")
        case Broken.NOT_FOUND_EMPTY:
            return Reply(404, b"404 page not found\n", "text/plain", _OPEN)
        case Broken.PAYMENT:
            return Reply(402, b"Payment Required\n", "text/plain", _OPEN)
        case Broken.FIREWALL:
            words = "<h1>Access denied</h1><p>You are not authorized to access this page. This account has been blocked.</p>"
            return _page(403, "Attention Required! | Cloudflare", words)
        case Broken.TOO_MANY:
            wait = (("Retry-After", str(RETRY_AFTER_SECONDS)), *_OPEN)
            return Reply(429, b"Too Many Requests\n", "text/plain", wait)
        case Broken.UNKNOWN_ERROR:
            return _page(520, f"{request.host} | 520: Web server is returning an unknown error", "<h1>Error 520</h1>")
        case Broken.CHALLENGE:
            return _page(200, "Just a moment...", f"<p>Checking your browser.</p><script>{_CHALLENGE}</script>")
        case Broken.APP_SHELL:
            return _page(200, "", '<div id="root"></div><script>window.__STATE__={}</script>')
        case Broken.OTHER_JSON:
            body = json.dumps({"ok": True, "version": 3, "payload": {"entries": [], "cursor": None}}).encode()
            return Reply(200, body, "application/json; charset=utf-8", _OPEN)
        case Broken.EMPTY:
            return Reply(200, b"", "application/json; charset=utf-8", _OPEN)
        case Broken.CLOSED | Broken.NO_TLS:
            raise ValueError(f"a host that is {mode} answers nothing")


_FIELDS = '<input name="username"><input name="password" type="password">'
_CHALLENGE = "var n = 0; for (var i = 0; i < 9; i++) n = (n * 31 + i) % 65521; document.cookie = 'solved=' + n;"


def _page(status: int, title: str, body: str) -> Reply:
    page = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
    return Reply(status, page.encode(), HTML_TYPE, _OPEN, compress=True)


def parked(request: Request) -> Reply:
    """The stranger to whose front page a host redirects."""
    if request.path != "/":
        return Reply(404, b"", "text/plain")
    return _page(200, "This name may be for sale", "<h1>This name may be for sale</h1>")
