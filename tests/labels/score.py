"""Scores what we read from labelled pages, beside trafilatura's fast mode: `python tests/labels/score.py --pages DIR`."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import trafilatura
import trafilatura.settings

sys.path.insert(0, str(Path(__file__).parents[2]))  # as a script it finds the checkout it lies in

from archiver.extraction.maintext import main_text
from archiver.extraction.page import read_page
from archiver.html.document import Document
from tests.labels.gold import Span, gold_text, page_text, words

LABELS = Path(__file__).with_name("pages.json")
CAPTURED_AT = datetime(2026, 9, 1, tzinfo=UTC)  # after the youngest labelled page, and the same on every run

_QUOTES = str.maketrans("’‘“”„–—\u00a0", '\'\'"""-- ')


@dataclass(frozen=True, slots=True)
class Label:
    """What a person read on one page."""

    path: str
    """Below the folder of pages."""
    title: str
    published: str | None
    author: str | None
    spans: tuple[Span, ...]
    excluded: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a program read on that page."""

    title: str | None
    published: str | None
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the pages, 0 to 1; F1 is the mean over the pages."""

    title: float
    date: float
    author: float
    f1: float
    pages_per_second: float
    """Text and metadata together, on one core."""
    wrong: tuple[str, ...]
    """One line for each wrong title, date and author, and for each F1 below 0.9."""


def load_labels() -> list[Label]:
    """The labels in `pages.json`."""
    return [
        Label(
            path=label["path"],
            title=label["title"],
            published=label["published"],
            author=label["author"],
            spans=tuple(Span(**span) for span in label["spans"]),
            excluded=tuple(Span(**span) for span in label["excluded"]),
        )
        for label in json.loads(LABELS.read_text("utf-8"))
    ]


def ours(html: str, url: str) -> Reading:
    page = read_page(Document(url, html), CAPTURED_AT)
    return Reading(page.title, page.published_at, page.author, main_text(html, url))


def trafilatura_fast(html: str, url: str) -> Reading:
    """The peer, told not to guess dates after the capture and to prefer the first publication."""

    dates = {"original_date": True, "max_date": CAPTURED_AT.strftime("%Y-%m-%d"), "extensive_search": True}
    found = trafilatura.bare_extraction(html, url=url, fast=True, with_metadata=True, date_extraction_params=dates)
    text = trafilatura.extract(html, fast=True, include_comments=False) or ""
    if not isinstance(found, trafilatura.settings.Document):
        return Reading(None, None, None, text)
    return Reading(found.title, found.date, found.author, text)


def score(pages: Path, labels: Iterable[Label], read: Callable[[str, str], Reading]) -> Score:
    """Reads each labelled page below `pages` and compares. Raises LabelMismatch where a page is not the one that was labelled."""
    titles, dates, authors, f1s, wrong = [], [], [], [], []
    seconds = 0.0
    for label in labels:
        html = (pages / label.path).read_bytes().decode("utf-8", "replace")
        gold = gold_text(page_text(html), list(label.spans), list(label.excluded))
        started = time.perf_counter()
        reading = read(html, "https://pages.test/" + quote(label.path))
        seconds += time.perf_counter() - started
        titles.append(same_title(reading.title, label.title))
        dates.append(same_day(reading.published, label.published))
        authors.append(same_author(reading.author, label.author))
        f1s.append(word_f1(reading.text, gold))
        name = label.path[-60:]
        wrong += [f"{name}: title {reading.title!r}"] if not titles[-1] else []
        wrong += [f"{name}: date {reading.published} for {label.published}"] if not dates[-1] else []
        wrong += [f"{name}: author {reading.author!r} for {label.author!r}"] if not authors[-1] else []
        wrong += [f"{name}: F1 {f1s[-1]:.3f}"] if f1s[-1] < 0.9 else []
    count = len(f1s)
    return Score(sum(titles) / count, sum(dates) / count, sum(authors) / count, sum(f1s) / count, count / seconds, tuple(wrong))


def word_f1(text: str, gold: str) -> float:
    """F1 over the two multisets of words."""
    found, wanted = Counter(words(text)), Counter(words(gold))
    common = (found & wanted).total()
    return 2 * common / (found.total() + wanted.total()) if common else 0.0


def same_title(title: str | None, wanted: str) -> bool:
    """Equal but for case, white space and the kind of quotation marks and dashes."""
    return _uniform(title or "") == _uniform(wanted)


def same_day(date: str | None, wanted: str | None) -> bool:
    """The same day, in UTC where the label knows the hour and the zone."""
    if date is None or wanted is None:
        return date is wanted
    day = datetime.fromisoformat(wanted).astimezone(UTC).date().isoformat() if "T" in wanted else wanted
    return date[:10] in (day, wanted[:10])


def same_author(author: str | None, wanted: str | None) -> bool:
    """The first named author is among those found; no author found where the page names none."""
    if wanted is None:
        return True  # a staff or site name is no error there
    return _uniform(wanted.split(",")[0]) in _uniform(author or "")


def _uniform(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, required=True, help="the folder that the labels' paths are below")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what is wrong")
    arguments = parser.parse_args()
    labels = load_labels()
    print(f"{len(labels)} pages      title   date  author    F1  pages/s")
    for name, read in (("ours", ours), ("trafilatura fast", trafilatura_fast)):
        result = score(arguments.pages, labels, read)
        print(f"{name:17}{result.title:6.3f}{result.date:7.3f}{result.author:8.3f}{result.f1:6.3f}{result.pages_per_second:9.0f}")
        if arguments.verbose:
            print(*("    " + line for line in result.wrong), sep="\n")


if __name__ == "__main__":
    main()
