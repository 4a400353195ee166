"""What browsers make of a response's head: of what type its body is, and whether they show it as that."""

import re

from archiver.wire.http1 import ResponseHead

_MEDIA_TYPE = re.compile(r"[\s\"']*([!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&*+.^_`|~0-9a-z-]+)", re.I)
_FROM_THE_BEGINNING = re.compile(r"\s*bytes\s+0-", re.I)
_WITHOUT_BODY = frozenset({204, 205})


def media_type_of(value: str | None) -> str:
    """The type in a Content-Type header, lower case and without parameters; "" where there is none, or none that can be read.

    A proxy or a browser's recorder may have joined two headers (`text/html, text/html`): then it is the first one that is a type
    (https://fetch.spec.whatwg.org/#content-type-header takes the last one; where they differ, the first is what the page said).
    Quotation marks, and parameters without a semicolon before them, are passed over.
    """
    for part in (value or "").split(","):
        if (found := _MEDIA_TYPE.match(part)) is not None and found[1] != "*/*":
            return found[1].lower()
    return ""


def shows_body(head: ResponseHead) -> bool:
    """Whether this is an answer whose body is what was asked for: 2xx, so 202, 203 and 206 as well, as browsers show them; of 206
    only what begins at the first byte. Amazon's firewall sends its challenge to browsers with 202 and a header of its own."""
    if head.status == 206:
        whole = head.get("Content-Range")
        return whole is None or _FROM_THE_BEGINNING.match(whole) is not None
    return 200 <= head.status < 300 and head.status not in _WITHOUT_BODY and head.get("x-amzn-waf-action") is None
