"""What `render` asks of a crawl; the drawing itself is in tests/cli/test_render.py."""

from pathlib import Path

import pytest

from archiver.config.settings import CrawlSettings, TimestampAuthority
from archiver.crawling.session import CrawlOutcome, CrawlPlan, CrawlStats
from archiver.tasks import render
from archiver.tasks.crawl.crawl import CrawlReport
from tests.support.little_archive import make_little_archive


def test_what_it_closed_is_signed_like_that_of_any_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in review: it made manifests, and asked nobody to sign them."""
    plans: list[CrawlPlan] = []

    def run(plan: CrawlPlan, **_: object) -> CrawlReport:
        plans.append(plan)
        return CrawlReport(CrawlStats(), CrawlOutcome())

    monkeypatch.setattr(render, "find_browser", lambda: tmp_path)
    monkeypatch.setattr(render, "run", run)
    make_little_archive(tmp_path / "archive")
    authorities = (TimestampAuthority(url="https://tsa.example/", root=tmp_path / "root.pem"),)
    render.render(tmp_path / "archive", (), missing=True, settings=CrawlSettings(), timestamps=authorities)

    assert [plan.timestamps for plan in plans] == [authorities]
