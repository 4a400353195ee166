"""The ledger of a depot: which files it has, how large they are, and their sha256."""

import msgspec

from archiver import __version__
from archiver.errors import UsageError

LEDGER = "backup.json"
FORMAT = 1


class Kept(msgspec.Struct, frozen=True):
    """One file of a depot, as it was when it was put there."""

    bytes: int
    sha256: str
    """64 hex digits; empty while another version of the file is being put there."""
    at: str
    """When it was put there: UTC, as `to_iso`."""


class Ledger(msgspec.Struct):
    """`backup.json`: what a depot has. A file that does not stand in it is not ours."""

    format: int = FORMAT
    software: str = f"embed-archiver/{__version__}"
    finished_at: str | None = None
    """When a backup last got to its end: UTC, as `to_iso`."""
    index_of: str | None = None
    """Sizes and times of index.db and its journal when the copy of it was made."""
    files: dict[str, Kept] = msgspec.field(default_factory=dict)
    """By path, relative and with forward slashes: as in the archive."""

    def as_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_ledger(data: bytes, name: str) -> Ledger:
    """That of the depot with this name. Raises `UsageError` where these bytes are none, or a newer program's."""
    try:
        ledger = msgspec.json.decode(data, type=Ledger)
    except (msgspec.MsgspecError, ValueError) as error:
        told = "is damaged, or not ours. Choose another place; or move that file away, then all copies are read once"
        raise UsageError(f"{LEDGER} in {name} {told}") from error
    if ledger.format != FORMAT:
        raise UsageError(f"{LEDGER} in {name} has format {ledger.format}, this program knows {FORMAT}: upgrade it")
    return ledger
