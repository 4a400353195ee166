"""A real archive of two short crawls, made without any network, and what a verification says of it."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from archiver.model.exchange import ResourceType
from archiver.tasks.verify.problems import Note, Problem
from archiver.tasks.verify.verify import VerifyReport, verify
from tests.support.exchanges import MOMENT, PAGE_URL, PICTURE_URL, exchange
from tests.support.recording import CRAWL, NEXT_CRAWL, keep, recording
from tests.support.renders import PAGE, keep_render, page_render, post_render
from tests.support.warc_members import Member, members_of

OTHER_URL = f"{PAGE_URL}comments/"
CHUNKED_URL = f"{PAGE_URL}chunked/"
LONG = b"<title>Comments</title>" + b"words " * 400
PICTURE = b"\xff\xd8\xff" + sha256(b"picture").digest() * 100


def make_little_archive(data_dir: Path) -> None:
    """Responses, with a body in chunks too, revisits in one crawl and across two, screenshots of a page and of a post."""
    with recording(data_dir, replace(CRAWL, job="first")) as recorder:
        keep(recorder, exchange(body=PAGE))
        keep(recorder, exchange(OTHER_URL, LONG, seconds=1))
        types = ("Content-Type: image/jpeg",)
        keep(recorder, exchange(PICTURE_URL, PICTURE, headers=types, resource_type=ResourceType.IMAGE, seconds=2))
        keep(recorder, exchange(CHUNKED_URL, LONG, chunked=True, seconds=3))
        keep(recorder, exchange(OTHER_URL, LONG, seconds=4))
        keep_render(recorder, page_render())
    with recording(data_dir, replace(NEXT_CRAWL, job="second")) as recorder:
        keep(recorder, exchange(OTHER_URL, LONG, seconds=60))
        keep_render(recorder, post_render())


def warc_of(data_dir: Path, job: str) -> Path:
    """The one WARC file of `first` or `second`."""
    (path,) = data_dir.glob(f"warc/*/{job}-*.warc.gz")
    return path


def member_of(path: Path, kind: str, url: str = "") -> Member:
    """The first record of this kind whose address begins so."""
    return next(member for member in members_of(path) if member.kind == kind and member.url.startswith(url))


class Heard:
    """What a verification told."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Note] = []

    def problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def note(self, note: Note) -> None:
        self.notes.append(note)

    @property
    def kinds(self) -> list[str]:
        return [problem.kind for problem in self.problems]


def verified(data_dir: Path, *chosen: Any, **options: Any) -> tuple[Heard, VerifyReport]:
    """All that it says."""
    heard = Heard()
    report = verify(data_dir, *chosen, listener=heard, clock=lambda: MOMENT, **options)
    assert (report.problems, report.notes) == (len(heard.problems), len(heard.notes))
    return heard, report


def changed(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Rewrites a file."""
    path.write_bytes(change(path.read_bytes()))
