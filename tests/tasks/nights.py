"""An archive with nightly jobs, a clock that a test sets, and crawls that end as it says."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.crawling.session import CrawlOutcome, CrawlPlan, CrawlStats
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.schedule.due import job_states
from archiver.tasks.schedule.run import RunReport, run_due

NAMES = ("blog", "news", "radio")
BUG = RuntimeError("no such thing")


@dataclass
class Night:
    """An archive with three nightly jobs, a clock that a test sets, and crawls that end as it says."""

    data_dir: Path
    now: datetime = datetime(2026, 11, 22, 4, tzinfo=UTC)
    ends: dict[str, Exception | CrawlOutcome] = field(default_factory=dict)
    """By job: what is raised, or how it ends."""
    plans: list[CrawlPlan] = field(default_factory=list)

    def config(self, text: str = "") -> None:
        each = (f'[jobs.{name}]\nseeds = ["https://{name}.example/"]\nschedule = "17 3 * * *"\n' for name in NAMES)
        ArchivePaths(self.data_dir).config.write_text("".join(each) + text)

    def clock(self) -> datetime:
        return self.now

    def crawl(self, plan: CrawlPlan, **_: Any) -> CrawlReport:
        self.plans.append(plan)
        self.now += timedelta(minutes=2)
        end = self.ends.get(plan.job, CrawlOutcome())
        if isinstance(end, Exception):
            raise end
        return CrawlReport(CrawlStats(requests=5, pages=3, embeds=4), end, "a-uuid", written=1000)

    def run(self, **given: Any) -> RunReport:
        self.plans.clear()
        return run_due(self.data_dir, clock=self.clock, crawl=self.crawl, **given)

    @property
    def due(self) -> list[str]:
        return [state.name for state in job_states(self.data_dir, self.clock) if state.due is not None]
