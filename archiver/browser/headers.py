"""Headers: what the browser asks with, and what it is given, both without what is none of its business."""

import re
from collections.abc import Iterable, Mapping

Headers = tuple[tuple[str, str], ...]

# What a reader's browser says of itself. A page's scripts may add any other header: some make servers answer what they tell no
# reader (X-HTTP-Method-Override, Authorization), ranges and conditions give parts, and client hints name HeadlessChrome.
_ASKED = frozenset(["accept", "accept-language", "cookie", "origin", "referer", "upgrade-insecure-requests", "user-agent"])
_SAID_OF_IT = "sec-fetch-"
# What the fetcher has dealt with (RFC 9110, 7.6.1; codings), and what would make the browser talk to others or ask in another
# way: reports, other services, HSTS (each address is asked for as it is written), client hints.
_NOT_HANDED_ON = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-encoding",
        "content-length",
        "accept-ch",
        "critical-ch",
        "alt-svc",
        "nel",
        "report-to",
        "reporting-endpoints",
        "strict-transport-security",
    )
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.6.2): Chromium takes no answer with another name in it
_NOT_IN_VALUES = str.maketrans("\r\n\0", "   ")


def asked_with(headers: Mapping[str, str]) -> Headers:
    """A request's headers, without what a reader's browser would not say."""
    return tuple((name, value) for name, value in headers.items() if _is_readers(name.lower()))


def _is_readers(name: str) -> bool:
    return name in _ASKED or name.startswith(_SAID_OF_IT)


def handed_on(headers: Iterable[tuple[str, str]]) -> bytes:
    """`name: value`, a NUL between them: the protocol's form of an answer's headers where they may be no UTF-8."""
    kept = (
        (name, value.translate(_NOT_IN_VALUES))
        for name, value in headers
        if _NAME.fullmatch(name) and name.lower() not in _NOT_HANDED_ON
    )
    return b"\0".join(f"{name}: {value}".encode("latin-1", "replace") for name, value in kept)


def answer_to_preflight(method: str, headers: Mapping[str, str]) -> Headers | None:
    """Yes to all that a preflight asks (Fetch standard, CORS-preflight fetch): it is the answer to the request itself that says
    whether the page may read it. None: this is no preflight."""
    asked = {name.lower(): value for name, value in headers.items()}
    wanted = asked.get("access-control-request-method")
    if method != "OPTIONS" or wanted is None:
        return None
    names = asked.get("access-control-request-headers")
    return (
        ("Access-Control-Allow-Origin", asked.get("origin", "*")),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", wanted),
        ("Access-Control-Allow-Private-Network", "true"),
        *((("Access-Control-Allow-Headers", names),) if names else ()),
    )
