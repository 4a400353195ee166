"""The picture benchmark: how far changed copies are from their originals, and `find` by a picture among a million.

`python -m bench.pictures [--archiver .venv/bin/archiver]`; exits 1 where a bar is missed.
"""

import argparse
import random
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles

from PIL import Image, ImageOps

from archiver.media.inspect import hashes_to_find, picture_of
from archiver.media.pdq import BITS, MAX_DISTANCE, Hashes, distance
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.lookup import by_picture
from archiver.wire.spool import Spool
from bench.find import read_through
from bench.hashes import PICTURES, ensure_built, pdq, sha256_of
from tests.support.photos import cut, fitted, landscape, letterboxed, page_of_text, saved

CACHE = Path(__file__).parent / ".cache" / "pictures"
LANDSCAPES, TEXTS = 40, 20
LOOKUPS = 300
STARTS = 15
MAX_LOOKUP_MS = 50.0
MAX_START_MS = 500.0
MIN_SHARE = 0.97  # of copies that are found, for the changes that platforms make

Change = Callable[[Image.Image], bytes]
# What platforms do to a picture: these have to be found.
COPIES: dict[str, Change] = {
    "half the size": lambda image: saved(fitted(image, max(image.size) // 2)),
    "a quarter of the size": lambda image: saved(fitted(image, max(image.size) // 4)),
    "Twitter's small (680 px)": lambda image: saved(fitted(image, 680), quality=74),
    "Twitter's thumb (150 px)": lambda image: saved(fitted(image, 150), quality=74),
    "JPEG 75": lambda image: saved(image, quality=75),
    "JPEG 40": lambda image: saved(image, quality=40),
    "WebP 75": lambda image: saved(image, "WEBP", quality=75),
    "PNG": lambda image: saved(image, "PNG"),
    "grey": lambda image: saved(image.convert("L")),
}
# What people do to it.
EDITS: dict[str, Change] = {
    "black bars": lambda image: saved(letterboxed(image)),
    "white frame, 5 %": lambda image: saved(ImageOps.expand(image, min(image.size) // 20, "white")),
    "cut by 1 %": lambda image: saved(cut(image, 0.01)),
    "cut by 2 %": lambda image: saved(cut(image, 0.02)),
    "cut by 5 %": lambda image: saved(cut(image, 0.05)),
    "cut by 10 %": lambda image: saved(cut(image, 0.10)),
}


def hashes(data: bytes) -> Hashes:
    seen = picture_of(Spool(data))
    assert seen is not None
    return seen.hashes


def both(held: Hashes) -> list[str]:
    return [each for each in (held.whole, held.trimmed) if each is not None]


def nearest(asked: Sequence[str], held: Hashes) -> int:
    return min((distance(one, other) for one in asked for other in both(held)), default=BITS)


def robust() -> bool:
    """Prints how many copies are near enough; False where too few of the plain copies are, or unlike pictures are near too."""
    originals = [landscape(f"bench {number}") for number in range(LANDSCAPES)] + [page_of_text(seed) for seed in range(TEXTS)]
    held = [hashes(saved(image, quality=90)) for image in originals]
    good = True
    print(f"{'change':26} {'median':>6} {'most':>5} {'found':>6} {'also if cut':>12}", flush=True)
    for name, change in (COPIES | EDITS).items():
        asked = [hashes_to_find(change(image)) for image in originals]
        plain = [nearest(both(one), known) for (one, _), known in zip(asked, held, strict=True)]
        guessed = [nearest([*both(one), *if_cut], known) for (one, if_cut), known in zip(asked, held, strict=True)]
        shares = [sum(each <= MAX_DISTANCE for each in found) / len(found) for found in (plain, guessed)]
        good &= name in EDITS or shares[0] >= MIN_SHARE
        print(f"{name:26} {median(plain):6.0f} {max(plain):5} {shares[0]:6.0%} {shares[1]:12.0%}", flush=True)
    unlike = min(nearest(both(one), other) for one, other in combinations(held, 2))
    print(f"the nearest of {len(held) * (len(held) - 1) // 2:,} unlike pairs: {unlike}", flush=True)
    good &= unlike > MAX_DISTANCE
    print(
        f"{'ok    ' if good else 'MISSED'} {MIN_SHARE:.0%} of plain copies within {MAX_DISTANCE} bits, nothing unlike", flush=True
    )
    return good


def turned(bits: str, count: int, dice: random.Random) -> str:
    return f"{int(bits, 16) ^ sum(1 << place for place in dice.sample(range(BITS), count)):064x}"


def lookups_ms(data_dir: Path) -> list[float]:
    """Milliseconds of each look-up of a hash of which up to MAX_DISTANCE bits differ from one that is held."""
    dice, times = random.Random(), []
    with Archive.open(data_dir) as archive:
        for _ in range(LOOKUPS):
            number, bits = dice.randrange(PICTURES), dice.randint(0, MAX_DISTANCE)
            asked = turned(pdq(number), bits, dice)
            started = time.perf_counter()
            found = by_picture(archive.index, [asked])
            times.append(1000 * (time.perf_counter() - started))
            if [(one.sha256, one.distance) for one in found] != [(sha256_of(number), bits)]:
                sys.exit(f"picture {number} at {bits} bits led to {found}")
    return times


def starts_ms(data_dir: Path, archiver: Sequence[str]) -> list[float]:
    """Milliseconds of each `archiver find photo.jpg`, the whole process; the photo is one that nobody holds: the longest way."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(STARTS):
            photo = Path(folder) / "photo.jpg"
            photo.write_bytes(saved(landscape(f"not held {number}", 1600, 1200)))
            command = [*archiver, "find", str(photo), "--archive", str(data_dir), "--json"]
            started = time.perf_counter()
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            times.append(1000 * (time.perf_counter() - started))
            if run.returncode != 5 or "is not known to the archive" not in run.stderr:
                sys.exit(f"{shlex.join(command)} ended with {run.returncode}: {run.stderr[:500]}")
    return times


def hashing_ms() -> str:
    """What a picture costs in a crawl: the processor's time to read all about it."""
    lines = []
    for name, data in (
        ("JPEG, 800 px", saved(landscape("cost", 800, 600), quality=70)),
        ("JPEG, 2048 px", saved(landscape("cost", 2048, 1536), quality=95)),
        ("PNG, 800 px", saved(landscape("cost", 800, 560), "PNG")),
        ("WebP, 1200 px", saved(landscape("cost", 1200, 800), "WEBP")),
    ):
        times = []
        for _ in range(15):
            started = time.process_time()
            picture_of(Spool(data))
            times.append(1000 * (time.process_time() - started))
        lines.append(f"{name}, {len(data) / 1000:.0f} KB: {median(times):.1f} ms")
    return "\n".join(lines)


def cleared(what: str, times: list[float], bar: float) -> bool:
    middle, slow = median(times), quantiles(times, n=20)[-1]
    verdict = "ok    " if slow < bar else "MISSED"
    print(f"{verdict} {what}: median {middle:.1f} ms, p95 {slow:.1f} ms, p95 under {bar:g} ms", flush=True)
    return slow < bar


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(sys.executable).with_name("archiver")
    options.add_argument("--archiver", default=str(beside), help="the command to measure (default: the one beside this Python)")
    archiver = shlex.split(options.parse_args().archiver)
    print(hashing_ms(), flush=True)
    good = robust()
    ensure_built(CACHE)
    read_through(ArchivePaths(CACHE).index)
    print(f"{PICTURES:,} pictures", flush=True)
    good &= cleared(f"find by picture, {LOOKUPS} at up to {MAX_DISTANCE} bits", lookups_ms(CACHE), MAX_LOOKUP_MS)
    good &= cleared(f"archiver find photo.jpg, not held, {STARTS} cold starts", starts_ms(CACHE, archiver), MAX_START_MS)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
