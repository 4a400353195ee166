"""Row ids from natural keys, so that shards merge without renumbering and a reindex gives equal tables."""

from hashlib import blake2b

ID_BITS = 63  # SQLite's INTEGER PRIMARY KEY is signed 64 bits; ids stay positive


def natural_id(*parts: str | int) -> int:
    """63 bits of BLAKE2b over the parts, separated by NUL: `natural_id("twitter", "1568…")`."""
    digest = blake2b("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - ID_BITS)
