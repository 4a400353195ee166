"""Writes the replies of doors out as test cases to hand on: a folder a door, without cookies."""

import json
from collections.abc import Iterable
from pathlib import Path

from archiver.errors import StorageError
from archiver.model.exchange import Exchange
from archiver.tasks.probe.report import DoorReport
from archiver.times import to_warc_date
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings

MAX_BODY_BYTES = 20_000_000
PRIVATE = (b"set-cookie", b"set-cookie2", b"cookie", b"authorization", b"proxy-authorization", b"proxy-authenticate")
"""Headers that are left out: what a session or the way to the host is known by."""
SOURCE = """\
# {title}, {door}

Asked by `archiver platforms --probe` on {date}, without an account and without cookies. For each request, in their order:
`NN-request.txt`, `NN-headers.txt` (without those that hold secrets), `NN-body` (without chunk framing and content coding,
{limit:,} bytes at most). `case.json` says what was expected of the last reply and what was understood. An address that
archiver.toml gave stands in there as it is: take a key out of it before you hand this on.
"""


def save_cases(folder: Path, doors: Iterable[DoorReport]) -> list[Path]:
    """Writes a folder for each door into `folder`; what lies there under the same names is written over. Returns the folders.

    Raises `StorageError`.
    """
    written = []
    try:
        for door in doors:
            if door.addresses:
                written.append(_save(folder / f"{door.platform}-{door.door}", door))
    except OSError as error:
        raise StorageError(f"cannot write to {folder}: {error.strerror}. Name another folder with --save") from error
    return written


def _save(folder: Path, door: DoorReport) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    asked = [("live", address) for address in door.addresses]
    asked += [("gone", door.gone)] if door.gone is not None else []
    number, entries, date = 0, [], ""
    for expected, address in asked:
        names = []
        for exchange in address.exchanges:
            number += 1
            names.append(f"{number:02}")
            _write(folder, f"{number:02}", exchange)
            date = date or to_warc_date(exchange.started_at)
        entries.append({"expected": expected, **address.to_json(), "exchanges": names})
    case = {**door.to_json(), "addresses": entries, "gone": None}
    (folder / "case.json").write_text(json.dumps(case, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text = SOURCE.format(title=door.title, door=door.door, date=date or "a day without a reply", limit=MAX_BODY_BYTES)
    (folder / "SOURCE.md").write_text(text, encoding="utf-8")
    return folder


def _write(folder: Path, number: str, exchange: Exchange) -> None:
    (folder / f"{number}-request.txt").write_bytes(_without_private(exchange.request))
    head = exchange.response.bytes(0, exchange.body_start)
    (folder / f"{number}-headers.txt").write_bytes(_without_private(head))
    body, _ = decode_content(exchange.payload.chunks(), content_codings(exchange.head), MAX_BODY_BYTES)
    (folder / f"{number}-body").write_bytes(body)


def _without_private(head: bytes) -> bytes:
    """The lines of a head without those of private headers; a folded line goes with the one that it continues."""
    kept: list[bytes] = []
    private = False
    for line in head.splitlines(keepends=True):
        if not line[:1].isspace() or not line.strip():
            private = line.partition(b":")[0].strip().lower() in PRIVATE
        if not private:
            kept.append(line)
    return b"".join(kept)
