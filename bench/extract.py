"""The extraction benchmark: what pages embed, beside `lxml.html` that merely parses the same bytes; one core, one run.

`python -m bench.extract [FOLDER]`, by default the corpus of saved pages beside the checkout, without it generated pages.
Exits 1 where the bar is missed.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import lxml.etree
import lxml.html

from archiver.extraction.decode import decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.page import read_page
from archiver.html.document import Document
from archiver.platforms import KEYWORDS, PLATFORMS
from bench.pages import page

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "pages"
GENERATED = 150
ROUNDS = 7
MIN_SHARE = 1 / 3  # of lxml's pages per second
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def bodies_in(folder: Path) -> list[bytes]:
    if folder.is_dir():
        return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    print(f"{folder} is not there: {GENERATED} generated pages stand in")
    return [page(number) for number in range(GENERATED)]


def parsed_by_lxml(body: bytes) -> None:
    """`lxml.html` from bytes to a tree, and nothing more."""
    try:
        lxml.html.document_fromstring(body)
    except (lxml.etree.ParserError, ValueError):
        return  # empty for it, or text with a declaration that it will not take


def embeds_of(body: bytes) -> None:
    """Encoding, parsing, and the embeds and links of all platforms."""
    find_embeds(Document("https://blog.example/a", decode(body), KEYWORDS))


def extracted(body: bytes) -> None:
    """The same, and what the page says of itself: the work of `archiver extract`."""
    document = Document("https://blog.example/a", decode(body), KEYWORDS)
    read_page(document, MOMENT)
    find_embeds(document)


WAYS: tuple[tuple[str, Callable[[bytes], None]], ...] = (
    ("lxml.html parses", parsed_by_lxml),
    ("embeds", embeds_of),
    ("embeds and metadata", extracted),
)


def milliseconds(way: Callable[[bytes], None], bodies: list[bytes]) -> float:
    """Of the processor, for one page; what other programs take does not count."""
    gc.collect()
    gc.freeze()  # the pages and the program are not looked through again and again
    started = time.process_time()
    for body in bodies:
        way(body)
    return 1000 * (time.process_time() - started) / len(bodies)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    bodies = bodies_in(parser.parse_args().folder)
    print(f"{len(bodies)} pages, {sum(map(len, bodies)) / len(bodies) / 1000:.0f} KB on average, {len(PLATFORMS)} platforms")
    rounds: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS:
            rounds[name].append(milliseconds(way, bodies))
    best = {name: min(times) for name, times in rounds.items()}
    (reference, *ours) = best
    for name, taken in best.items():
        print(f"{name:20} {taken:6.2f} ms a page {1000 / taken:7.0f} pages/s  {best[reference] / taken:.2f} of {reference}")
    share = best[reference] / best[ours[-1]]
    print(f"{'ok    ' if share >= MIN_SHARE else 'MISSED'} {share:.2f} of lxml's pages per second, at least {MIN_SHARE:.2f}")
    return 0 if share >= MIN_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
