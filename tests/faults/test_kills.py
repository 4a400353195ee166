"""A crawl that is killed again and again, in whatever it does, goes on each time and ends as if it never had been.

Here some kills; `python -m tests.faults.many_kills` does two hundred.
"""

import random
from functools import partial
from pathlib import Path

from archiver.crawling.session import CrawlPlan
from archiver.sampleweb import DIARY_URL, MAGAZINE_URL, SampleWeb
from tests.faults.attempts import Attempt, Nursery
from tests.faults.killing import Crawling, campaign, warcs_of
from tests.faults.moments import WRITE, Moment
from tests.faults.soundness import assert_nothing_waits, assert_same_holdings, assert_sound
from tests.support.crawling import plan_of, records, rows

KILLS = 6
DRAWN_PAGE = f"{DIARY_URL}gulls.html"


def two_sites(web: SampleWeb, data_dir: Path) -> CrawlPlan:
    return plan_of(web, data_dir, (DIARY_URL, MAGAZINE_URL))


def test_a_crawl_that_is_killed_many_times_ends_as_if_it_never_had_been(
    nursery: Nursery, sample: SampleWeb, tmp_path: Path
) -> None:
    kills = campaign(nursery, sample, partial(two_sites, sample), tmp_path, KILLS, random.Random(7))

    assert kills.total >= KILLS


def test_a_record_that_was_torn_by_a_kill_is_set_aside_and_noted_and_the_rest_goes_on(
    nursery: Nursery, sample: SampleWeb, calm: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "archive"
    work = Crawling(plan_of(sample, data_dir, (DIARY_URL,)))
    assert nursery.attempt(Attempt(work, moment=Moment(WRITE, 2, "within", 0.7))).killed
    [torn] = warcs_of(data_dir)[-1:]
    whole = torn.read_bytes()
    for phase in ("torn end", "truncate"):  # also whoever cuts it off may be killed
        assert nursery.attempt(Attempt(work, moment=Moment(phase, 1, "before"))).killed

    nursery.do(work)

    [kept] = [path for path in (data_dir / "torn").iterdir() if path.name.startswith(torn.name)]
    assert torn.read_bytes() + kept.read_bytes() == whole
    assert f"urn:torn:{torn.relative_to(data_dir)}#{torn.stat().st_size}" in {record.url for record in records(data_dir)}
    assert_sound(data_dir)
    assert_nothing_waits(data_dir)
    assert_same_holdings(data_dir, calm)


def test_a_crawl_that_is_killed_while_it_draws_leaves_no_browser_and_draws_it_the_next_time(
    nursery: Nursery, sample: SampleWeb, tmp_path: Path
) -> None:
    data_dir = tmp_path / "archive"
    work = Crawling(plan_of(sample, data_dir, (DRAWN_PAGE,), screenshots="posts"))

    drawn = nursery.attempt(Attempt(work, moment=Moment("screenshots", 1, "before")))
    nursery.do(work)

    assert drawn.killed and drawn.left == ()
    assert {"fullPage", "embed"} <= set(rows(data_dir, "SELECT kind FROM screenshots"))
    assert_sound(data_dir)
    assert_nothing_waits(data_dir)
