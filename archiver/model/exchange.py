"""The vocabulary of wire and archive: exchanges, failures, crawls, captures. Frozen, and nothing in here does anything."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import ResponseHead, content_codings
from archiver.wire.presentation import media_type_of
from archiver.wire.spool import Spool


class ResourceType(StrEnum):
    """What a request was for, as Browsertrix writes it into WARC-Resource-Type (CDP's names, lower case)."""

    DOCUMENT = "document"
    FRAME = "iframe"  # a document within another one: CDP calls both the same, and only one of them is a page
    IMAGE = "image"
    MEDIA = "media"
    STYLESHEET = "stylesheet"
    SCRIPT = "script"
    FONT = "font"
    XHR = "xhr"
    FETCH = "fetch"  # a platform's reply, a short link, robots.txt, a feed or sitemap asked for as such
    OTHER = "other"


class Truncated(StrEnum):
    """WARC-Truncated: why a response's block is not all that the server meant to send."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"


@dataclass(frozen=True, slots=True)
class PostQuestion:
    """What a request asks a platform: about which post, by which of the platform's doors (`archiver.platforms.base.Door`)."""

    platform: str
    door: str
    post_id: str
    control: bool = False
    """The post is one that is known to be live: the reply shows whether the door answers at all."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a request is made. Travels with the exchange into the headers of its WARC records."""

    resource_type: ResourceType = ResourceType.OTHER
    """Goes into WARC-Resource-Type."""
    page_id: str | None = None
    """The UUID of the visit to a page that this request belongs to: WARC-Page-ID."""
    with_cookies: bool = True
    """The user's cookies may go with it. Not where another site's page asks: no browser would send them there."""
    question: PostQuestion | None = None
    """Goes into WARC-JSON-Metadata: the reply is read by it, whatever address it came from."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its response, byte for byte."""

    url: str
    """As asked for, absolute, without fragment."""
    method: str
    started_at: datetime
    """UTC; becomes WARC-Date."""
    request: bytes
    """Request line, headers and body as they went out."""
    response: Spool
    """Everything that came back up to the end of this response: interim (1xx) responses, status line, headers, framed body."""
    head: ResponseHead
    """The final response's status and headers, read leniently."""
    payload: Spool
    """The body with chunk framing removed and content coding kept: what the payload digest is over."""
    body_start: int = 0
    """Where in `response` the final response's body begins."""
    ip: str | None = None
    """The address that answered; None behind a proxy."""
    protocols: tuple[str, ...] = ("http/1.1",)
    """For WARC-Protocol: `http/1.1`, `tls/1.3`."""
    truncated: Truncated | None = None
    malformed: str | None = None
    """What was wrong with the framing, in words, where the lenient reader had to guess."""
    purpose: Purpose = field(default_factory=Purpose)
    blanked: tuple[str, ...] = ()
    """Names of headers whose values were sent and are not in `request`: the user's secrets."""
    withheld: bool = False
    """The user's cookies belong to this address, and were not to go with the request: with them the answer may be another."""


@dataclass(frozen=True, slots=True)
class CapturedResponse:
    """A response as its WARC record holds it: all that extraction may look at, so that a crawl and a reindex read the same."""

    url: str
    captured_at: datetime
    head: ResponseHead
    payload: Spool
    """Chunk framing removed, content coding kept."""
    resource_type: ResourceType | None = None
    """What it was asked for; None for records of programs that do not say."""
    truncated: bool = False
    question: PostQuestion | None = None
    """What a platform was asked; None for what was asked of no platform, and for records of other programs."""

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case; "" where none is given that can be read."""
        return media_type_of(self.head.get("Content-Type"))

    def decoded(self, limit: int) -> bytes:
        """The body without content coding, up to `limit` bytes."""
        return decode_content(self.payload.chunks(), content_codings(self.head), limit)[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no response at all: a note, and never evidence that something is gone."""

    url: str
    failed_at: datetime
    error: str
    """The class of the error: `HostNotFound`, `TooSlow`, …"""
    reason: str
    """One line for people."""
    received: bytes = b""
    """What came, where it was no HTTP response at all; its beginning."""
    purpose: Purpose = field(default_factory=Purpose)


@dataclass(frozen=True, slots=True)
class Crawl:
    """One run of a crawl, as the warcinfo records of its files tell it."""

    uuid: str
    job: str
    started_at: str
    software: str
    settings: str
    """JSON, without secrets."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One WARC record of one URL at one time."""

    record_id: str
    record_type: str
    """`response`, `revisit` or `resource`."""
    url: str
    captured_at: str
    """As WARC-Date has it."""
    status: int | None
    mime: str | None
    """Content-Type without parameters, lower case."""
    payload_digest: str | None
    """`sha256:<hex>`; a revisit has that of the payload it refers to."""
    warc: str
    """Path relative to the data folder."""
    offset: int
    length: int
    """Bytes of the gzip member."""
    resource_type: str | None = None
    page_visit: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    truncated: str | None = None
    refers_to: str | None = None
    crawl: str | None = None
    """The crawl's UUID."""
    content_type: str | None = None
    """The whole header: the charset in it has a say in how the payload is read."""
    with_cookies: bool = False
    """The user's own cookies were sent: it may show what the public does not see."""
