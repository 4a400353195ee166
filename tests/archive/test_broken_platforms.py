"""Every platform of the magazine broken in one way: no post of it is called gone, and each platform costs one note."""

import json
from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.platforms import platform_named
from archiver.sampleweb import MAGAZINE_URL, running_sample_web
from archiver.sampleweb.broken_hosts import HANGS_UP, Broken
from archiver.tasks.crawl.crawl import crawl
from archiver.urls import host_of
from tests.support.crawled import settings_for
from tests.support.crawling import rows

UNASKED: set[str] = set()
"""Platforms of which nothing is asked."""
BAD_NEWS = ("gone", "deleted", "suspended", "protected", "tombstone", "withheld", "age_restricted")


@pytest.mark.parametrize("mode", Broken)
def test_a_platform_whose_hosts_are_all_broken_makes_no_post_gone_and_costs_one_note(mode: Broken, tmp_path: Path) -> None:
    with running_sample_web(tmp_path) as web:
        web.broken = dict.fromkeys((host for host in web.host_names if host != host_of(MAGAZINE_URL)), mode)
        report = crawl(CrawlPlan(tmp_path / "archive", (MAGAZINE_URL,), settings=settings_for(web)))

    assert report.outcome.failed == []
    assert report.stats.pages == 7
    marks = ", ".join("?" * len(BAD_NEWS))
    states = f"SELECT p.platform, p.post_id, s.state FROM statements s JOIN posts p ON p.id = s.post WHERE s.state IN ({marks})"
    assert rows(tmp_path / "archive", states, *BAD_NEWS) == []
    platforms = set(rows(tmp_path / "archive", "SELECT DISTINCT platform FROM posts"))
    notes = report.outcome.notes
    if mode in HANGS_UP:  # a host that does not answer at all has its note as well, whoever needs it
        assert len(notes) >= len(platforms), json.dumps(notes, indent=1)
    else:
        titles = {platform.title for platform in map(platform_named, platforms) if platform is not None}
        assert set(notes) == titles - UNASKED, json.dumps(notes, indent=1)
