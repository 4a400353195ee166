"""How much, and for how long, one exchange may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Beyond `max_bytes` or `max_seconds` what came is kept and marked as truncated; the other caps raise `TooSlow`."""

    max_bytes: int = 100_000_000
    """Of the response as it crosses the wire: heads and chunk framing count."""
    max_seconds: float = 120.0
    """From the request's first byte to the response's last."""
    connect_seconds: float = 20.0
    """Name, connection, tunnel and TLS together, over all addresses of a host."""
    head_seconds: float = 60.0
    """From the request's first byte to the end of the response's head."""
