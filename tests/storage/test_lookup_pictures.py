"""Pictures by their perceptual hash: none within the distance is missed, none beyond it is given."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.media.pdq import BANDS, BITS, MAX_DISTANCE, bands_of, distance, near_bands
from archiver.model.findings import Findings, MediaFile
from archiver.storage.index.database import open_index
from archiver.storage.index.lookup import MAX_SIMILAR, Similar, by_picture
from archiver.storage.index.writer import IndexWriter
from tests.support.captures import WARC, capture

COUNT = 400


def hash_number(number: int) -> str:
    return f"{random.Random(number).getrandbits(BITS):064x}"


def turned(pdq: str, bits: int, seed: int = 0) -> str:
    """The same with so many bits turned over."""
    flips = sum(1 << place for place in random.Random(seed).sample(range(BITS), bits))
    return f"{int(pdq, 16) ^ flips:064x}"


def file(number: int, pdq: str | None, trimmed: str | None = None) -> Findings:
    return Findings(media=MediaFile(f"{number:064x}", "image/jpeg", 1, 1, 1, pdq, trimmed))


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    database = open_index(Path(":memory:"), safe=False)
    writer = IndexWriter(database)
    for number in range(COUNT):
        writer.add(capture(number), file(number, hash_number(number)))
    writer.add(capture(COUNT), file(COUNT, None))  # a video
    writer.add(capture(COUNT + 1), file(COUNT + 1, hash_number(10_001), hash_number(10_002)))  # a letterbox
    writer.reached(WARC, None, 1)
    writer.commit()
    yield database
    database.close()


@pytest.mark.parametrize("bits", range(0, 48, 3))
def test_what_is_near_enough_is_found_and_nothing_else(index: sqlite3.Connection, bits: int) -> None:
    for seed in range(20):
        asked = turned(hash_number(seed), bits, seed)
        wanted = (Similar(f"{seed:064x}", bits),) if bits <= MAX_DISTANCE else ()
        assert by_picture(index, [asked]) == wanted


@given(st.integers(0, 2**BITS - 1), st.sets(st.integers(0, BITS - 1), max_size=MAX_DISTANCE))
def test_within_the_distance_two_hashes_always_meet_in_a_band(bits: int, flips: set[int]) -> None:
    one, other = f"{bits:064x}", f"{bits ^ sum(1 << flip for flip in flips):064x}"
    assert distance(one, other) == len(flips)
    assert set(near_bands(one)) & set(bands_of(other))


def test_beyond_it_they_need_not_meet() -> None:
    far = sum(3 << (band * BITS // BANDS) for band in range(BANDS))  # two bits in each band
    assert distance(f"{0:064x}", f"{far:064x}") == MAX_DISTANCE + 1
    assert not set(near_bands(f"{0:064x}")) & set(bands_of(f"{far:064x}"))


def test_the_nearest_comes_first_and_each_counts_with_its_best_hash(index: sqlite3.Connection) -> None:
    asked = [turned(hash_number(1), 9), turned(hash_number(2), 4), turned(hash_number(10_002), 6), turned(hash_number(2), 20)]
    found = by_picture(index, asked)
    assert [(int(one.sha256, 16), one.distance) for one in found] == [(2, 4), (COUNT + 1, 6), (1, 9)]


def test_there_is_an_end_to_what_is_given(index: sqlite3.Connection) -> None:
    writer = IndexWriter(index)
    for number in range(COUNT + 2, COUNT + 2 + 2 * MAX_SIMILAR):
        writer.add(capture(number), file(number, hash_number(10_003)))
    writer.commit()
    assert len(by_picture(index, [hash_number(10_003)])) == MAX_SIMILAR


def test_nothing_asked_is_nothing_found(index: sqlite3.Connection) -> None:
    assert by_picture(index, []) == ()


def test_no_table_is_read_from_end_to_end(index: sqlite3.Connection) -> None:
    statements: list[str] = []
    index.set_trace_callback(statements.append)
    by_picture(index, [hash_number(1)])
    index.set_trace_callback(None)
    (sql,) = [each for each in statements if each.startswith("SELECT sha256")]
    plan = [row[3] for row in index.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("SEARCH b USING PRIMARY KEY (band=?)" in step for step in plan), plan
    assert any("SEARCH media USING INTEGER PRIMARY KEY" in step for step in plan), plan
    assert not any(step.startswith(("SCAN media", "SCAN b")) for step in plan), plan
