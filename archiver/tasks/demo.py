"""The whole story on the sample web: a crawl, a tweet that vanishes, and what is still there."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from archiver.browser.chromium import find_browser
from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.errors import UsageError
from archiver.query.archive import Archive
from archiver.sampleweb import SAMPLE_POST, SampleWeb, running_sample_web
from archiver.storage.index.results import ArchivedPost
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from archiver.tasks.render import render
from archiver.times import Clock, utc_now
from archiver.urls import host_of

NOTEBOOK = "https://kharkiv-notebook.example/"
LOST = "pic.twitter.com/uOWxLTTvGP"
DAYS_BACK = 2  # day 1 of the story was the day before yesterday, so that its last day is today


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: what the user would type, and what came of it."""

    day: int
    title: str
    command: str
    report: CrawlReport | None = None
    found: ArchivedPost | None = None
    answers: tuple[str, ...] = ()
    """The responses of the platform's hosts, in words."""
    files: tuple[Path, ...] = ()


def demo(data_dir: Path | None = None) -> Iterator[Step]:
    """Runs the story; its archive goes into `data_dir`, or into a temporary folder. Both stay: their names are in the commands.

    Raises `UsageError` where `data_dir` has something in it: made-up posts must never get among others.
    """
    if data_dir is not None and data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir())):
        raise UsageError(f"{data_dir} is there already, and the demo mixes with nothing: give --archive a folder that is not")
    folder = Path(tempfile.mkdtemp(prefix="archiver-demo-"))
    archive, found_dir = data_dir or folder / "archive", folder / "found"
    with running_sample_web() as web:
        report = _crawl(web, archive, NOTEBOOK, days_back=DAYS_BACK)
        yield Step(1, "A news blog is crawled. One of its posts embeds a tweet with a picture.",
                   f"archiver crawl {NOTEBOOK} --no-screenshots --archive {archive}", report=report)  # fmt: skip
        yield Step(1, "The picture's short link leads to the tweet, which is still up.", _find(archive), found=_lost(archive))
        if find_browser() is not None:
            report = render(archive, [LOST, SAMPLE_POST], settings=_settings(web, "posts"), clock=_days_back(DAYS_BACK))
            yield Step(1, "A browser that has no network draws the tweet by itself, and the page around it, as recorded.",
                       f"archiver render {LOST} {SAMPLE_POST} --archive {archive}", report=report)  # fmt: skip
        web.day = 3
        tweet = _lost(archive).url or ""
        report = _crawl(web, archive, tweet, days_back=0)
        lost = _lost(archive)
        yield Step(3, "Two days later the tweet is asked for again. Its platform answers for itself.",
                   f"archiver crawl {tweet} --archive {archive}", report=report, answers=_last_answers(lost))  # fmt: skip
    yield Step(3, "Gone from Twitter, not from here: text, picture, and the place of every byte.", _find(archive), found=lost)
    with Archive.open(archive) as reader:
        files = tuple(reader.save(lost, found_dir))
    yield Step(3, "And the picture itself, out of the WARC file.",
               f"archiver show {LOST} --archive {archive} --save {found_dir}", found=lost, files=files)  # fmt: skip


def _last_answers(post: ArchivedPost) -> tuple[str, ...]:
    """What hosts answered about the post on the newest day, in words."""
    answers = [statement for statement in post.statements if statement.state is not None]
    newest = max(statement.said_at for statement in answers)[:10]
    return tuple(
        f"{host_of(statement.capture.url)} answered {statement.capture.status}: {statement.state}"
        for statement in answers
        if statement.said_at.startswith(newest)
    )


def _find(archive: Path) -> str:
    return f"archiver find {LOST} --archive {archive}"


def _lost(folder: Path) -> ArchivedPost:
    with Archive.open(folder) as archive:
        post = archive.find(LOST)[0]
    assert isinstance(post, ArchivedPost)
    return post


def _crawl(web: SampleWeb, archive: Path, seed: str, *, days_back: int) -> CrawlReport:
    plan = CrawlPlan(archive, (seed,), job="demo", settings=_settings(web, "none"))
    return crawl(plan, clock=_days_back(days_back))


def _settings(web: SampleWeb, screenshots: Literal["none", "posts"]) -> CrawlSettings:
    return CrawlSettings(delay=0, cacert=web.cacert, connect_to=web.connect_to, screenshots=screenshots)


def _days_back(days: int) -> Clock:
    return lambda: utc_now() - timedelta(days=days)
