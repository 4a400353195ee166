"""How much has to be free: at which byte and which file a crawl stops, and when not even what is under way is written."""

from pathlib import Path

import pytest

from archiver.storage.files import disk_space
from archiver.storage.files.disk_space import FreeSpace, lack_of_space

MB = 1 << 20


@pytest.mark.parametrize(
    ("free", "min_free", "urgent"),
    [
        (1_000 * MB, 1_000 * MB, None),
        (1_000 * MB - 1, 1_000 * MB, False),
        (64 * MB, 1_000 * MB, False),
        (64 * MB - 1, 1_000 * MB, True),
        (50 * MB, 100 * MB, False),
        (50 * MB - 1, 100 * MB, True),
        (0, 0, None),
    ],
)
def test_below_what_is_to_stay_free_a_crawl_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, min_free: int, urgent: bool | None
) -> None:
    monkeypatch.setattr(disk_space, "free_space", lambda _: FreeSpace(free, None))
    lack = lack_of_space(tmp_path, min_free)
    assert (None if lack is None else lack.urgent) is urgent


@pytest.mark.parametrize(("inodes", "stops"), [(None, False), (200, False), (199, True), (0, True)])
def test_it_stops_where_few_files_can_be_made_and_ends_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inodes: int | None, stops: bool
) -> None:
    monkeypatch.setattr(disk_space, "free_space", lambda _: FreeSpace(1_000 * MB, inodes))
    lack = lack_of_space(tmp_path, 100 * MB)
    assert (lack is not None) is stops
    assert lack is None or (not lack.urgent and f"only {inodes} more files" in str(lack))
