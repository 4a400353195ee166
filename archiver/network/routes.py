"""Routes: connections that the user sends to another host and port than the URL's (`--connect-to`), or through a proxy."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from archiver.errors import UsageError

_FORM = "HOST:PORT:ADDRESS:PORT, as curl has it; each part may be empty, IPv6 addresses stand in brackets"
_CONNECT_TO = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.%\w]*\]|[^\[\]:]*):(?P<port>\d*):(?P<to_host>\[[0-9A-Fa-f:.%\w]*\]|[^\[\]:]*):(?P<to_port>\d*)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connection really goes."""

    host: str
    port: int
    chosen_by_user: bool = False
    """The host comes from the user's own option, so it may be on this machine."""


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """`--connect-to HOST:PORT:ADDRESS:PORT`: requests for HOST:PORT go to ADDRESS:PORT; the URL, SNI and Host stay."""

    host: str = ""
    """Lower case, without brackets; empty: any host."""
    port: int | None = None
    """None: any port."""
    to_host: str = ""
    """Empty: the host stays."""
    to_port: int | None = None
    """None: the port stays."""

    @classmethod
    def parse(cls, text: str) -> "ConnectTo":
        """Reads curl's syntax; raises `UsageError` that tells the form."""
        match = _CONNECT_TO.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"--connect-to {text!r} is not understood: write {_FORM}")
        ports = [int(match[name]) if match[name] else None for name in ("port", "to_port")]
        if any(port is not None and not 0 < port < 65536 for port in ports):
            raise UsageError(f"--connect-to {text!r} has a port that is none: ports go from 1 to 65535")
        return cls(match["host"].strip("[]").lower(), ports[0], match["to_host"].strip("[]").lower(), ports[1])

    def matches(self, host: str, port: int) -> bool:
        return self.host in ("", host) and self.port in (None, port)


def target_for(host: str, port: int, routes: Sequence[ConnectTo]) -> Target | None:
    """Where the first route that matches leads; None where none does."""
    route = next((route for route in routes if route.matches(host, port)), None)
    if route is None:
        return None
    return Target(route.to_host or host, route.to_port or port, chosen_by_user=bool(route.to_host))


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; https goes through a tunnel that it opens (CONNECT)."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)
    """The value of Proxy-Authorization. A secret: it is sent and never recorded or shown."""

    @classmethod
    def parse(cls, text: str) -> "Proxy":
        """Reads `http://[user:password@]host[:port]`; raises `UsageError` that tells the form, without the password."""
        form = "http://HOST:PORT or http://USER:PASSWORD@HOST:PORT"
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UsageError(f"--proxy is not understood: write {form}") from None
        if parts.scheme != "http" or not host:
            raise UsageError(f"--proxy is not understood: write {form} (other kinds of proxies are not supported)")
        if parts.username is None:
            return cls(host, port or 80)
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return cls(host, port or 80, "Basic " + base64.b64encode(secret.encode()).decode("ascii"))
