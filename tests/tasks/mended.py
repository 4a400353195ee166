"""Archives to break and to repair, and what shows that one is in order."""

from dataclasses import replace
from pathlib import Path

from archiver.model.exchange import ResourceType
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.tasks.repair.context import RepairFinding
from archiver.tasks.repair.repair import RepairReport, repair
from archiver.tasks.thumbnails import make_thumbnails
from tests.support.crawled import index_of
from tests.support.exchanges import exchange
from tests.support.photos import landscape, saved
from tests.support.recording import NEXT_CRAWL, keep, recording
from tests.support.renders import PAGE, keep_render, page_render

PICTURE_URL = "https://pbs.twimg.com/media/FcSbF8eXwAAyV3q.jpg"
TWEET = PAGE.replace(b"<p>x</p>", b'<p>x <a href="%s"><img src="%s"></a></p>' % ((PICTURE_URL.encode(),) * 2))
OTHER_URL = "https://blog.example/another-post/"


def make_archive(data_dir: Path, *, drawn: bool = True) -> None:
    """Two crawls: a page with a tweet and its picture, which was drawn or not; then another page. It is in order."""
    with recording(data_dir) as recorder:
        keep(recorder, exchange(body=TWEET))
        photo = exchange(
            PICTURE_URL,
            saved(landscape(width=240, height=160)),
            headers=("Content-Type: image/jpeg",),
            resource_type=ResourceType.IMAGE,
        )
        keep(recorder, photo)
        if drawn:
            keep_render(recorder, page_render())
    with recording(data_dir, replace(NEXT_CRAWL, job="later")) as recorder:
        keep(recorder, exchange(OTHER_URL, b"<title>Another post</title>" + b"words " * 200))
    if drawn:
        make_thumbnails(data_dir)


def first_and_later(data_dir: Path) -> tuple[Path, Path]:
    first, later = warc_files(ArchivePaths(data_dir))
    return first, later


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def offset_of_picture(data_dir: Path) -> int:
    with index_of(data_dir) as index:
        return int(index.execute("SELECT offset FROM captures WHERE url = ?", (PICTURE_URL,)).fetchone()[0])


def kinds(report: RepairReport) -> set[str]:
    return {finding.kind for finding in report.findings}


def files_in(folder: Path) -> dict[str, bytes]:
    """All but what shows that somebody looked: the lock, and what SQLite keeps beside a database that is open."""
    passing = (".lock", "-shm", "-wal")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file() and not path.name.endswith(passing)
    }  # fmt: skip


def only(report: RepairReport) -> RepairFinding:
    (finding,) = report.findings
    return finding


def assert_in_order(data_dir: Path) -> None:
    assert repair(data_dir).findings == ()
