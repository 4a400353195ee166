"""Who an author is in the AT protocol, and at which addresses that is answered: a handle leads to a DID, a DID to a document.

https://atproto.com/specs/handle and /specs/did, as of 2025. Whatever stands in a reply may be made up: only names of the right
shape make an address.
"""

import re
from urllib.parse import urlsplit

from archiver.html.pattern import Pattern

HANDLE = Pattern(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}")
"""A host name in lower case."""
DID = Pattern(r"did:[a-z]+:[\w.:%-]*[\w-]")
MAX_NAME = 253  # characters of a host's name
_PLC = re.compile(r"did:plc:[a-z0-9]{8,40}")
_WEB = re.compile(r"did:web:(?P<host>[^:%/]{3,253})")  # no port and no path (atproto.com/specs/did)


def document_url(did: str) -> str | None:
    """Where a DID's document is, which names the server that holds the author's records; None for what is no such DID."""
    if _PLC.fullmatch(did):
        return f"https://plc.directory/{did}"
    found = _WEB.fullmatch(did)
    return f"https://{found['host']}/.well-known/did.json" if found and HANDLE.fullmatch(found["host"]) else None


def did_of_document_url(url: str) -> str | None:
    """The DID whose document is at this address; None for other addresses."""
    parts = urlsplit(url)
    if parts.hostname == "plc.directory":
        did = parts.path.removeprefix("/")
        return did if _PLC.fullmatch(did) else None
    return f"did:web:{parts.hostname}" if parts.path == "/.well-known/did.json" else None


def handle_urls(handle: str) -> tuple[str, str]:
    """Where it is answered which DID a handle has: at Bluesky's own server, and at the host that the handle names."""
    return (
        f"https://bsky.social/xrpc/com.atproto.identity.resolveHandle?handle={handle}",
        f"https://{handle}/.well-known/atproto-did",
    )


def first_requests(post_id: str) -> tuple[str, ...]:
    """The first request on the way to the server that holds a post, and the same at another host; () where none is known."""
    actor = post_id.partition("/")[0]
    if not actor.startswith("did:"):
        return handle_urls(actor)
    address = document_url(actor)
    return (address,) if address is not None else ()


def server_in(endpoint: str | None) -> str | None:
    """`https://host[:port]` of a `serviceEndpoint`; None for what is no such address."""
    if endpoint is None or len(endpoint) > MAX_NAME + 20:
        return None
    found = re.fullmatch(r"https://(?P<host>[^/:@?#\s]{3,253})(?P<port>:\d{1,5})?/?", endpoint, re.I)
    if found is None or HANDLE.fullmatch(found["host"].lower()) is None:
        return None
    return f"https://{found['host'].lower()}{found['port'] or ''}"
