"""The request: its bytes, as they go out."""

import re
from collections.abc import Sequence

from archiver.wire.content_coding import GZIP

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_ENCODING = "gzip, deflate"  # never br or zstd: what is stored must be readable by everybody's tools, for decades
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
READABLE_CODINGS = GZIP | {"deflate", "identity"}

_OURS_ALONE = frozenset({"content-length", "transfer-encoding", "proxy-authorization", "upgrade", "http2-settings", "expect"})
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BAD_IN_VALUE = re.compile(r"[\r\n\0]")

Headers = Sequence[tuple[str, str]]


def request_bytes(method: str, target: str, host: str, user_agent: str, headers: Headers = (), body: bytes = b"") -> bytes:
    """Request line, headers in a browser's order, body. `headers` replace the default of the same name, or are appended.

    What frames the body or names the protocol (Content-Length, Upgrade, …) is ours to say and dropped from `headers`;
    Accept-Encoding is cut down to the codings that can be read. Raises `ValueError` for a header that would break the request.
    """
    wanted = [(name, value) for name, value in headers if name.lower() not in _OURS_ALONE]
    given = {name.lower() for name, _ in wanted}
    lines = [f"{method} {target} HTTP/1.1"]
    for name, default in (
        ("Host", host),
        ("User-Agent", user_agent),
        ("Accept", ACCEPT),
        ("Accept-Encoding", ACCEPT_ENCODING),
        ("Connection", "keep-alive"),
    ):
        if name.lower() not in given:
            lines.append(f"{name}: {default}")
        else:
            lines += [_line(ours, value) for ours, value in wanted if ours.lower() == name.lower()]
            wanted = [(ours, value) for ours, value in wanted if ours.lower() != name.lower()]
    lines += [_line(name, value) for name, value in wanted]
    if body or method in BODY_METHODS:
        lines.append(f"Content-Length: {len(body)}")
    return b"\r\n".join((*map(_encoded, lines), b"", b"")) + body


def with_proxy_authorization(request: bytes, authorization: str) -> bytes:
    """The request as a proxy gets it that wants a password: one header more than is recorded."""
    first, _, rest = request.partition(b"\r\n")
    return first + b"\r\nProxy-Authorization: " + authorization.encode("latin-1") + b"\r\n" + rest


def _line(name: str, value: str) -> str:
    if not _NAME.fullmatch(name) or _BAD_IN_VALUE.search(value):
        raise ValueError(f"{name!r}: {value!r} cannot be sent as a header")
    if name.lower() == "accept-encoding":
        value = _readable(value)
    return f"{name}: {value}"


def _readable(codings: str) -> str:
    kept = [coding.strip() for coding in codings.split(",") if coding.partition(";")[0].strip().lower() in READABLE_CODINGS]
    return ", ".join(kept) or "identity"


def _encoded(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
