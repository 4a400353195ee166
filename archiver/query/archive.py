"""One archive, for readers: what is in it, and the bytes behind what is found."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from archiver.errors import StorageError, UsageError
from archiver.query import find, search
from archiver.query.find import FindResults
from archiver.query.search import SearchResult
from archiver.storage.files.archive_folder import may_become_archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.files.sqlite_errors import is_disk_error
from archiver.storage.index import listing
from archiver.storage.index.database import open_index_to_read
from archiver.storage.index.listing import Filters
from archiver.storage.index.results import (
    ArchivedCapture,
    ArchivedEmbed,
    ArchivedPage,
    ArchivedPost,
    Result,
    original_of,
    read_captures,
    read_embed,
    read_page,
    read_post,
)
from archiver.storage.index.search import Query

if TYPE_CHECKING:
    import sqlite_utils

    from archiver.model.exchange import CapturedResponse
    from archiver.query.content import ArchivedContent, Readable

Moment = str | date | datetime
"""A day or a time: `"2022-09-10"`, `"2022-09-10T12:00:00Z"`, a `date`, a `datetime` (without a zone it is taken as UTC)."""
Item = TypeVar("Item")

CAPTURES_AT_ONCE = 500
MISTAKES = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_AUTH})
"""Codes of OperationalError for mistakes in the SQL that was run, or by who runs it, and not for a broken file."""


class Archive:
    """An archive that is open for reading; a crawl may write to it meanwhile. Made by `Archive.open`.

    Use it in a `with` block, or call `close`. An index that turns out to be damaged raises `StorageError`. It belongs to the
    thread that opened it, as a connection of sqlite3 does; open another one in another thread.
    """

    def __init__(self, paths: ArchivePaths, index: sqlite3.Connection) -> None:
        self.paths = paths
        self.index = index

    @classmethod
    def open(cls, folder: str | os.PathLike[str] = "archive") -> Self:
        """The archive in this folder. Nothing is ever written to it, so it may lie on a read-only disk.

        Raises `UsageError` where there is no archive, `StorageError` where it cannot be read, `NewerFormat` where a newer
        version of this program made the index.
        """
        data_dir = Path(folder)
        paths = ArchivePaths(data_dir)
        try:
            has_index, has_warcs = paths.index.exists(), paths.warc_dir.is_dir()
        except OSError as error:  # a folder that may not be looked into, or a name that is too long
            message = f"cannot look into {data_dir}: {error.strerror}. Choose another folder with --archive DIR"
            raise StorageError(message) from error
        if not has_index:
            if has_warcs:
                raise StorageError(f"{data_dir} has WARC files and no index: run `archiver reindex --archive {data_dir}`")
            if data_dir.is_dir() and not may_become_archive(data_dir):  # a crawl would refuse it
                raise UsageError(f"there is no archive in {data_dir}: give an archive's folder with --archive DIR")
            raise UsageError(f"there is no archive in {data_dir}: begin one with `archiver crawl URL --archive {data_dir}`")
        return cls(paths, open_index_to_read(paths.index))

    def close(self) -> None:
        """Closes the index. Twice is once."""
        self.index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        # Who opened `db` writes SQL of their own, and its mistakes are theirs: a wrong column, an attempt to write.
        if isinstance(error, sqlite3.Error) and _is_damage(error, own_sql="db" not in vars(self)):
            raise self._damaged(error) from error

    def __repr__(self) -> str:
        return f"<Archive {str(self.paths.data_dir)!r}>"

    @cached_property
    def db(self) -> "sqlite_utils.Database":
        """The index as a `sqlite_utils.Database`, read-only: `archive.db.query("SELECT …")`, `archive.db["posts"].rows_where(…)`.

        docs/archive-format.md describes the tables. A cursor that is left open keeps a running crawl from tidying its index up:
        take rows into a list where each takes long.
        """
        import sqlite_utils  # 0.1 s, which `find` does without  # noqa: PLC0415

        self.index.execute("PRAGMA query_only = ON")  # else an ATTACH of the same file could be written to
        return sqlite_utils.Database(self.index)

    # --- finding ----------------------------------------------------------------------------------------------------------

    def find(self, scrap: str) -> FindResults:
        """Posts, pages and embeds by whatever is left of them; empty where the archive does not know it.

        `scrap` is a short link (`pic.twitter.com/x`, `t.co/x`), a post's URL in any form, an id, `@handle`, the address or key of
        a picture, a page's URL, or a sha256. It is looked up in the index alone: no file is opened, whatever it looks like.
        """
        with self._reading():
            return find.find(self.index, scrap)

    def find_file(self, path: str | os.PathLike[str]) -> FindResults:
        """What showed the file at `path`; of a picture also what showed pictures that look like it (`distance` at their media).

        Raises `UsageError` where there is no such file or it cannot be read.
        """
        with self._reading():
            return find.find_file(self.index, Path(path))

    def search(
        self, words: str, *, platform: str | None = None, author: str | None = None, site: str | None = None,
        since: Moment | None = None, until: Moment | None = None, limit: int = 20,
    ) -> Iterator[SearchResult]:  # fmt: skip
        """Full text over posts, embeds and pages, best first.

        All words must occur; `"a phrase"`, `-not`, `prefix*`. `site` is the host of the page, or of a page that embeds the post.
        `since` and `until` are of `posted_at` and `published_at`, both included; what has no date is left out then. Raises
        `UsageError` for words or times that say nothing.
        """
        query = Query(words, platform, author, site, _bound(since), _bound(until), limit)
        with self._reading():
            results = search.search(self.index, query)
        return self._iterated(results)

    # --- walking ----------------------------------------------------------------------------------------------------------

    def posts(
        self, *, platform: str | None = None, author: str | None = None, site: str | None = None, url_prefix: str | None = None,
        since: Moment | None = None, until: Moment | None = None,
    ) -> Iterator[ArchivedPost]:  # fmt: skip
        """All posts, embedded or linked, oldest first and those without a date last. Each is read when it is asked for.

        `author` is a handle, with or without @; `site` and `url_prefix` are the host, and the beginning of the address, of a page
        that embeds the post; `since` and `until` are of `posted_at`, both included.
        """
        filters = Filters(platform, author, site, url_prefix, _bound(since), _bound(until))
        return self._walk(listing.list_posts, filters, read_post)

    def pages(
        self, *, author: str | None = None, site: str | None = None, url_prefix: str | None = None,
        since: Moment | None = None, until: Moment | None = None,
    ) -> Iterator[ArchivedPage]:  # fmt: skip
        """All pages, as their newest versions are, oldest first and those without a date last. Each is read when it is asked for.

        `since` and `until` are of `published_at`, both included.
        """
        filters = Filters(None, author, site, url_prefix, _bound(since), _bound(until))
        return self._walk(listing.list_pages, filters, read_page)

    def embeds(
        self, *, platform: str | None = None, author: str | None = None, site: str | None = None, url_prefix: str | None = None,
        since: Moment | None = None, until: Moment | None = None,
    ) -> Iterator[ArchivedEmbed]:  # fmt: skip
        """All appearances of posts in versions of pages, by when these were captured, then in document order.

        `site` and `url_prefix` are of the page, the other filters as in `posts`. Each is read when it is asked for.
        """
        filters = Filters(platform, author, site, url_prefix, _bound(since), _bound(until))
        return self._walk(listing.list_embeds, filters, read_embed)

    def captures(
        self, *, url: str | None = None, site: str | None = None, url_prefix: str | None = None,
        since: Moment | None = None, until: Moment | None = None,
    ) -> Iterator[ArchivedCapture]:  # fmt: skip
        """All captures in the order of time: pages, replies of platforms, media, screenshots.

        `url` is one address in any spelling, `site` the host of the address; `since` and `until` are of `captured_at`, both
        included.
        """
        filters = Filters(None, None, site, url_prefix, _bound(since), _bound(until))
        with self._reading():
            ids = listing.list_captures(self.index, filters, url)
        batches = (ids[start : start + CAPTURES_AT_ONCE] for start in range(0, len(ids), CAPTURES_AT_ONCE))
        return self._iterated(capture for batch in batches for capture in read_captures(self.index, batch))

    # --- reading bytes ----------------------------------------------------------------------------------------------------

    def read(self, item: "Readable", *, max_bytes: int | None = None) -> "ArchivedContent":
        """The bytes of a capture, medium or screenshot, out of its WARC record, with digests checked.

        `max_bytes` is of the decoded content, 1 GiB by default. Raises `UsageError` for a medium that was not captured,
        `BadRecord` where the record cannot be read or is not what was recorded.
        """
        from archiver.query.content import MAX_CONTENT_BYTES, read_content  # 0.1 s, which `find` does without  # noqa: PLC0415

        with self._reading():
            original = partial(original_of, self.index)
            return read_content(self.paths.data_dir, item, original, MAX_CONTENT_BYTES if max_bytes is None else max_bytes)

    def content(self, item: "Readable") -> bytes:
        """The decoded bytes: the page, the picture. `read` gives headers, digest and the bytes as they were recorded as well."""
        return self.read(item).content

    def save(self, result: Result, folder: str | os.PathLike[str]) -> list[Path]:
        """Writes all bytes of a result into a folder of its own in `folder`: media, pages, replies, screenshots, and `post.json`.

        Returns the files. Raises `StorageError` where the folder cannot be written to, and what `read` raises.
        """
        from archiver.query.export import save  # 0.1 s, which `find` does without  # noqa: PLC0415

        return save(self.read, result, Path(folder))

    def response_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The response in the record at this place; None where it is no HTTP response. Raises `BadRecord`.

        For code that reads places out of the index itself; `read` is for results, and checks digests.
        """
        from archiver.recording.warc_responses import read_response  # 0.1 s, which `find` does without  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        return read_response(read_record(self.paths.data_dir / warc, offset, length))

    def resource_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The file in the resource record at this place (a screenshot); None where it is another kind of record.

        Raises `BadRecord`. For code that reads places out of the index itself, as `response_at`.
        """
        from archiver.recording.warc_responses import read_resource  # 0.1 s, which `find` does without  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        record = read_record(self.paths.data_dir / warc, offset, length)
        return read_resource(record) if record.record_type == "resource" else None

    # --- within -----------------------------------------------------------------------------------------------------------

    def _walk(
        self,
        list_ids: Callable[[sqlite3.Connection, Filters], Iterable[int]],
        filters: Filters,
        read: Callable[[sqlite3.Connection, int], Item | None],
    ) -> Iterator[Item]:
        with self._reading():
            ids = list_ids(self.index, filters)
        return self._iterated(item for each in ids if (item := read(self.index, each)) is not None)

    def _iterated(self, items: Iterator[Item]) -> Iterator[Item]:
        with self._reading():
            yield from items

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Errors of the index within the block become errors that say what to do."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise
            raise UsageError("this archive was closed: read from it inside its `with` block, or open it again") from error
        except sqlite3.Error as error:
            if not _is_damage(error, own_sql=True):
                raise
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> StorageError:
        return StorageError(f"{self.paths.index} cannot be read ({error}): `archiver reindex` makes it anew")


def _is_damage(error: sqlite3.Error, *, own_sql: bool) -> bool:
    """Whether the file is damaged or cannot be read. Our own SQL has no mistakes that SQLITE_ERROR could mean."""
    if not is_disk_error(error):
        return False
    return own_sql or (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in MISTAKES


def _bound(moment: Moment | None) -> str | None:
    """A day, or a UTC time in whole seconds without its Z: the beginning of all texts of times within it."""
    if moment is None:
        return None
    try:
        if isinstance(moment, str) and len(moment) > len("2022-09-10"):
            moment = datetime.fromisoformat(moment)
        if isinstance(moment, datetime):
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return f"{moment:%Y-%m-%dT%H:%M:%S}"
        return (date.fromisoformat(moment) if isinstance(moment, str) else moment).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(f"{moment!r} is no day or time: write 2022-09-10, or 2022-09-10T12:00:00Z") from None
