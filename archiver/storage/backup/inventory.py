"""The inventory of a backup store: its files with their sizes and sha256."""

import msgspec

from archiver import __version__
from archiver.errors import UsageError

INVENTORY = "backup.json"
FORMAT = 1


class StoredFile(msgspec.Struct, frozen=True):
    """One file of a backup store, as it was when it was put there."""

    bytes: int
    sha256: str
    """64 hex digits; empty while another version of the file is being put there."""
    at: str
    """When it was put there: UTC, as `to_iso`."""


class Inventory(msgspec.Struct):
    """`backup.json`: the files of a backup store. A file that is not listed is not ours."""

    format: int = FORMAT
    software: str = f"embed-archiver/{__version__}"
    finished_at: str | None = None
    """When a backup last got to its end: UTC, as `to_iso`."""
    index_of: str | None = None
    """Sizes and times of index.db and its journal when the copy of it was made."""
    files: dict[str, StoredFile] = msgspec.field(default_factory=dict)
    """By path, relative and with forward slashes: as in the archive."""

    def as_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_inventory(data: bytes, name: str) -> Inventory:
    """Parses the inventory of the store called `name`. Raises `UsageError` where these bytes are none, or a newer program's."""
    try:
        inventory = msgspec.json.decode(data, type=Inventory)
    except (msgspec.MsgspecError, ValueError) as error:
        advice = "is damaged, or not ours. Choose another place; or move that file away, then all copies are read once"
        raise UsageError(f"{INVENTORY} in {name} {advice}") from error
    if inventory.format != FORMAT:
        raise UsageError(f"{INVENTORY} in {name} has format {inventory.format}, this program knows {FORMAT}: upgrade it")
    return inventory
