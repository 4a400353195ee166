"""What is remembered of jobs: that they began, before anything else; how they ended; and when it last went well."""

from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.storage.state.job_runs import JobRun, begin, end, last_runs
from archiver.storage.state.requeue_list import RequeueCounts, Requeued, count, put
from tests.support.full_disk import files_limited_to

FIRST, SECOND, THIRD = (f"2026-11-2{day}T03:17:00.000Z" for day in (1, 2, 3))


def test_a_job_that_began_and_did_not_end_is_known(tmp_path: Path) -> None:
    begin(tmp_path / "state.db", "blog", FIRST)

    assert last_runs(tmp_path / "state.db") == {"blog": JobRun("blog", FIRST)}


def test_how_it_ended_is_kept_until_it_begins_again_and_when_it_went_well_for_longer(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    begin(state, "blog", FIRST)
    end(state, "blog", SECOND, "finished", 0, {"pages": 3})
    assert last_runs(state)["blog"] == JobRun("blog", FIRST, SECOND, "finished", 0, {"pages": 3}, SECOND)

    begin(state, "blog", SECOND)
    assert last_runs(state)["blog"] == JobRun("blog", SECOND, counts={"pages": 3}, succeeded_at=SECOND)

    end(state, "blog", THIRD, "failed", 4, {})
    assert last_runs(state)["blog"] == JobRun("blog", SECOND, THIRD, "failed", 4, {}, SECOND)


def test_without_the_file_no_job_ever_ran(tmp_path: Path) -> None:
    assert last_runs(tmp_path / "state.db") == {}
    assert not (tmp_path / "state.db").exists()


def test_jobs_and_what_was_put_back_live_in_one_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    begin(state, "blog", FIRST)
    put(state, [Requeued("https://blog.example/", FIRST)])

    assert count(state) == RequeueCounts(pages=1) and list(last_runs(state)) == ["blog"]


def test_on_a_full_disk_nobody_is_sent_to_move_the_file_away(tmp_path: Path) -> None:
    # It has what an interrupted crawl still wants, and is whole: room is what lacks.
    state = tmp_path / "state.db"
    begin(state, "blog", FIRST)

    with files_limited_to(state.stat().st_size), pytest.raises(StorageError, match="Is there room on the disk") as error:
        end(state, "blog", SECOND, "finished", 0, {"x" * 1_000_000: 1})

    assert "moving it away" not in str(error.value)
    assert last_runs(state) == {"blog": JobRun("blog", FIRST)}


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is no database " * 1000)

    with pytest.raises(StorageError, match="moving it away is safe"):
        last_runs(tmp_path / "state.db")
    with pytest.raises(StorageError, match="moving it away is safe"):
        begin(tmp_path / "state.db", "blog", FIRST)
