"""What must be true of an archive whatever happened to it, and what of one that was never disturbed it must hold."""

import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.cli import run
from archiver.recording.dedup import MIN_REVISIT_BYTES
from archiver.recording.warc_responses import read_response
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.warc.reader import read_record
from archiver.tasks.reindex import reindex
from tests.support.crawled import places_in_index
from tests.support.crawling import rows
from tests.support.judges import assert_all_accept
from tests.support.tables import tables_of
from tests.support.warc_members import members_of

_UNFINISHED = "SELECT what FROM runs WHERE NOT finished"
PASSING = (429, 503)
"""Answers that a host gives for a while: whether they were recorded depends on when a crawl was killed."""


_ANSWERED = (
    f"record_type IN ('response', 'revisit') AND truncated IS NULL AND status NOT IN {PASSING} AND url NOT LIKE '%/robots.txt'"
)
_BY_DAY = {
    "captures": f"SELECT DISTINCT url, iif(status = 304, 200, status), payload_digest FROM captures WHERE {_ANSWERED}"
    " AND substr(captured_at, 1, 10) <= ?",
    "pages": f"SELECT DISTINCT url, payload_digest FROM captures WHERE {_ANSWERED} AND status IN (200, 304)"
    " AND resource_type = 'document' AND substr(captured_at, 1, 10) = ?",
    "statements": "SELECT DISTINCT p.platform, p.post_id, s.source, s.state, s.text FROM statements s"
    " JOIN posts p ON p.id = s.post WHERE substr(s.said_at, 1, 10) <= ?",
    "titles": "SELECT DISTINCT url, title FROM page_versions WHERE substr(captured_at, 1, 10) <= ?",
    "media": "SELECT DISTINCT m.sha256 FROM media m JOIN media_payloads p ON p.media = m.id"
    " JOIN captures c ON c.payload_digest = p.payload_digest WHERE substr(c.captured_at, 1, 10) <= ?",
}


@dataclass(frozen=True, slots=True)
class CrawlIndex:
    """One capture, by what it says."""

    url: str
    status: int
    digest: str


def assert_no_row_without_bytes(data_dir: Path) -> None:
    """After a kill: what the index names is there. Not all that is there has to be in the index."""
    if (data_dir / "index.db").exists() and rows(data_dir, "SELECT 1 FROM sqlite_master WHERE name = 'captures'"):
        assert set(places_in_index(data_dir)) <= set(_places_in_warcs(data_dir))


def assert_sound(data_dir: Path, *, each: bool = False) -> None:
    """After a run that came to its end: other programs accept all files, ours verifies them, the index says what they say.

    `each`: file by file. Else one behind the other, as one file, which saves the start of a program for each: a WARC file is a
    row of gzip members, and so are several; where one of them ends in the middle of a member, the joined one breaks off there.
    """
    files = sorted((data_dir / "warc").rglob("*.warc.gz"))
    with tempfile.TemporaryDirectory(prefix="joined-") as folder:
        joined = Path(folder) / "joined.warc.gz"
        joined.write_bytes(b"".join(path.read_bytes() for path in files))
        assert_all_accept(files if each else [joined], revisits=True)
    assert places_in_index(data_dir) == _places_in_warcs(data_dir)
    assert run(["verify", "--archive", str(data_dir), "-q"]) == 0
    live = tables_of(data_dir)
    reindex(data_dir)
    again = tables_of(data_dir)
    for table, found in live.items():
        assert again[table] == found, table


def _places_in_warcs(data_dir: Path) -> list[tuple[object, ...]]:
    """As `places_in_index` has them, from the files themselves; a torn end is passed over."""
    paths = ArchivePaths(data_dir)
    return sorted(
        (paths.relative(path), member.offset, member.length, member.record_id, member.url, member.kind)
        for path in warc_files(paths)
        for member in members_of(path, torn=True)
        if member.kind in ("response", "revisit", "resource")
    )


def assert_nothing_waits(data_dir: Path) -> None:
    with closing(sqlite3.connect(ArchivePaths(data_dir).state)) as state:
        assert state.execute("SELECT wish FROM wishes WHERE state = 'waiting'").fetchall() == []
        assert state.execute(_UNFINISHED).fetchall() == []


def is_over(data_dir: Path) -> bool:
    """Whether a crawl came to its end and was killed behind it, at its thumbnails: the same command is then a second visit."""
    state = ArchivePaths(data_dir).state
    if not state.exists():
        return False
    with closing(sqlite3.connect(state)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchall():
            return False
        return bool(database.execute("SELECT 1 FROM runs").fetchall() and not database.execute(_UNFINISHED).fetchall())


def held(data_dir: Path) -> Counter[CrawlIndex]:
    """What was captured, how often. Without what passes: see `PASSING`; and what was cut off, which is asked for again."""
    sql = "SELECT url, status, payload_digest, truncated FROM captures WHERE record_type IN ('response', 'revisit')"
    return Counter(
        CrawlIndex(url, status, digest)
        for url, status, digest, truncated in rows(data_dir, sql)
        if status not in PASSING and truncated is None
    )


def assert_same_holdings(data_dir: Path, calm: Path, *, drawn: bool = False, begun_anew: bool = False) -> None:
    """All that the calm archive holds, and nothing else; each capture as often as there, or as a revisit.

    More often may be: robots.txt, which each start asks for again; where pages were `drawn`, what a browser asks for again when
    it draws a page from the beginning; and pages where a crawl was `begun_anew`, as it is when state.db is lost, or when it had
    come to its end (`is_over`). A revisit is not made of a payload below MIN_REVISIT_BYTES, nor of other answers than 200: those
    stand there again as they came.
    """
    ours, theirs = held(data_dir), held(calm)
    _assert_equal("captures", {one for one in ours if not (begun_anew and one.status == 304)}, set(theirs))
    again = [one for one in ours if ours[one] > theirs[one] and not one.url.endswith("/robots.txt")]
    if not (drawn or begun_anew):
        assert not again, f"captured again: {again}"
    whole = [one for one in again if _whole_responses(data_dir, one) > 1]
    assert not whole, f"captured again, and no revisit: {whole}"
    for what in ("platform, post_id, text, author FROM posts", "url, title FROM pages", "sha256 FROM media"):
        sql = f"SELECT DISTINCT {what}"
        _assert_equal(what, set(rows(data_dir, sql)), set(rows(calm, sql)))
    shots = "SELECT DISTINCT kind, url, position, quality FROM screenshots"
    _assert_equal("screenshots", set(rows(data_dir, shots)), set(rows(calm, shots)))


def assert_no_day_lacks(data_dir: Path, perfect: Path) -> None:
    """Of two archives of the same days: by the end of each day this one holds whatever the perfect one holds by then.

    That is: each address with the same payload (without robots.txt; 304 says the same as 200), each page on that very day, each
    post with the same statements (source, state, text), each page's title, each medium. How often, and at which hour, may differ,
    and this one may hold more: notes of what failed, answers of a host that was not itself. So the outages have to leave each
    job an hour after them on each day: what vanishes in the night while nobody could look is lost by right.
    """
    for day in rows(perfect, "SELECT DISTINCT substr(captured_at, 1, 10) FROM captures ORDER BY 1"):
        for what, sql in _BY_DAY.items():
            lacking = set(rows(perfect, sql, day)) - set(rows(data_dir, sql, day))
            assert not lacking, f"{what} of {day}: lacking {sorted(lacking, key=repr)[:9]}"


def _assert_equal(what: str, ours: set[Any], theirs: set[Any]) -> None:
    lacking, more = theirs - ours, ours - theirs
    assert not lacking and not more, f"{what}: lacking {sorted(lacking, key=repr)[:9]}, too many {sorted(more, key=repr)[:9]}"


def _whole_responses(data_dir: Path, one: CrawlIndex) -> int:
    """How many of its records should have been revisits of the first one, and that one."""
    sql = (
        "SELECT w.path, c.offset, c.length FROM captures c JOIN warcs w ON w.id = c.warc"
        " WHERE c.record_type = 'response' AND c.status = 200 AND (c.url, c.payload_digest) = (?, ?)"
    )
    count = 0
    for path, offset, length in rows(data_dir, sql, one.url, one.digest):
        seen = read_response(read_record(data_dir / path, offset, length))
        assert seen is not None
        count += len(seen.payload) >= MIN_REVISIT_BYTES
    return count
