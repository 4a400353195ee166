"""The layout of an archive: where each file lies inside the data folder, and the names of new ones."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from archiver.errors import StorageError
from archiver.ids import natural_id
from archiver.model.render import ScreenshotKind, ScreenshotRecord
from archiver.times import to_14_digits
from archiver.urls import host_of

MAX_READ = 2_000  # characters of a page's path that are looked at for its name
MAX_SLUG = 60  # characters of them that a file name has: the end, which says more than the beginning


@dataclass(frozen=True, slots=True)
class ArchivePaths:
    """The layout of one archive; creates nothing by itself."""

    data_dir: Path

    @property
    def config(self) -> Path:
        return self.data_dir / "archiver.toml"

    @property
    def warc_dir(self) -> Path:
        return self.data_dir / "warc"

    @property
    def manifests(self) -> Path:
        return self.data_dir / "manifests"

    @property
    def torn(self) -> Path:
        return self.data_dir / "torn"

    @property
    def screenshots(self) -> Path:
        return self.data_dir / "screenshots"

    @property
    def index(self) -> Path:
        return self.data_dir / "index.db"

    @property
    def state(self) -> Path:
        return self.data_dir / "state.db"

    def screenshot(self, record: ScreenshotRecord, taken_at: datetime) -> Path:
        """`screenshots/<platform>/<post id>/<14 digits>.webp` for a post by itself; its embeds in pages stand beside it, as
        `<14 digits>-in-<page>-<position>.webp`. What shows no post lies in `screenshots/pages/<page>/`. `<page>` is the
        `page_name` of its URL."""
        stamp = to_14_digits(taken_at)
        page = page_name(record.url)
        if record.post is None:
            place = f"-{record.position}" if record.position is not None else ""
            return self.screenshots / "pages" / page / f"{stamp}-{record.kind.value}{place}.webp"
        folder = self.screenshots / _safe(record.post.platform, 20) / _post_folder(record.post.post_id)
        if record.position is not None:
            return folder / f"{stamp}-in-{page}-{record.position}.webp"
        return folder / (f"{stamp}.webp" if record.kind is ScreenshotKind.EMBED else f"{stamp}-{record.kind.value}.webp")

    def thumbnail(self, sha256: str) -> Path:
        """`thumbnails/<first two hex digits>/<sha256>.webp`, of the picture with this digest (hex)."""
        return self.data_dir / "thumbnails" / sha256[:2] / f"{sha256}.webp"

    def new_warc(self, job: str, started: datetime, serial: int, host: str) -> Path:
        """`warc/20261122/<job>-<14 digits>-<serial>-<host>.warc.gz`; the job's name is made safe for a file name."""
        stamp = to_14_digits(started)
        safe = re.sub(r"[^A-Za-z0-9._]+", "_", job).strip("._")[:60] or "crawl"
        machine = re.sub(r"[^A-Za-z0-9.]+", "_", host).strip("._")[:40] or "localhost"
        return self.warc_dir / stamp[:8] / f"{safe}-{stamp}-{serial:05d}-{machine}.warc.gz"

    def relative(self, warc: Path) -> str:
        """How the index names a WARC file: relative to the data folder, with forward slashes."""
        return warc.relative_to(self.data_dir).as_posix()


def warc_files(paths: ArchivePaths) -> list[Path]:
    """All `*.warc.gz` below `warc/`, in the order of their names, which is that of time. Raises `StorageError`."""
    try:
        return sorted(paths.warc_dir.rglob("*.warc.gz")) if paths.warc_dir.is_dir() else []
    except OSError as error:
        raise StorageError(f"cannot look into {paths.warc_dir}: {error.strerror}") from error


def page_name(url: str) -> str:
    """A page as part of a file name: `<host>-<what its path says>-<hash>`, of ASCII letters, digits, dots, hyphens and
    underscores, 130 at most. The hash keeps pages apart that differ in what is left out. Whatever the URL says, the name stays
    one part of a path."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].partition("/")[2]
    words = re.sub(r"[^A-Za-z0-9]+", "-", unquote(path, errors="ignore")[-MAX_READ:])[-MAX_SLUG:].strip("-")
    parts = (_safe(host_of(url), 60) or "page", words, f"{natural_id('page', url) % 16**8:08x}")
    return "-".join(filter(None, parts))


def _safe(text: str, length: int) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")[:length]


def _post_folder(post_id: str) -> str:
    """The id itself where it can be a folder's name; else what is left of it, and a hash, so that no two share one."""
    safe = _safe(post_id, 60)
    return safe if safe and safe == post_id else f"{safe}-{natural_id('post', post_id) % 16**8:08x}"
