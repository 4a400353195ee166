"""An index of a million pictures with hashes for the look-up benchmark, made through the project's own storage."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import archiver.media.pdq
from archiver.media.pdq import BITS
from archiver.model.exchange import Capture
from archiver.model.findings import Findings, MediaFile, MediaRef, Source, Statement
from bench.made_index import MadeIndex, ensure_made

PICTURES = 1_000_000
PICTURES_PER_COMMIT = 20_000


def pdq(number: int) -> str:
    """256 bits of chance: unlike pictures differ in half of their bits."""
    return hashlib.blake2b(b"picture %d" % number, digest_size=BITS // 8).hexdigest()


def sha256_of(number: int) -> str:
    return hashlib.sha256(b"file %d" % number).hexdigest()


def post_of(number: int) -> str:
    return str((300_000_000_000_000 + number * 7_919) << 12)


def findings(number: int) -> Findings:
    """A captured picture, and the post that carries it."""
    file = MediaFile(sha256_of(number), "image/jpeg", 60_000, 1200, 800, pdq(number))
    key = f"pbs.twimg.com/media/P{number}"
    said = Statement("twitter", post_of(number), Source.API, media=(MediaRef(f"https://{key}.jpg", key),))
    return Findings(media=file, statements=(said,))


def captures() -> Iterator[tuple[Capture, Findings]]:
    for number in range(PICTURES):
        yield Capture(
            f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>", "response", f"https://pbs.twimg.com/media/P{number}.jpg",
            "2022-09-11T00:00:00.000Z", 200, "image/jpeg", f"sha256:{sha256_of(number)}",
            "warc/20220911/bench-20220911000000-00000-bench.warc.gz", number * 60_000, 60_000, "image",
        ), findings(number)  # fmt: skip


def ensure_built(data_dir: Path) -> None:
    """Takes some minutes the first time, and again after a new migration."""
    made_by = (Path(__file__), Path(archiver.media.pdq.__file__))
    ensure_made(data_dir, MadeIndex(captures(), PICTURES_PER_COMMIT, "media", PICTURES, made_by))
