"""Writes the bytes of a post, page or embed into a folder."""

import json
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path

from archiver.errors import BadRecord, StorageError
from archiver.model.render import ScreenshotKind
from archiver.query.content import ArchivedContent, Readable
from archiver.storage.files.paths import page_name
from archiver.storage.index.results import ArchivedCapture, ArchivedMedia, ArchivedPage, ArchivedPost, Result
from archiver.storage.index.screenshots import ArchivedScreenshot

MAX_NAME = 80  # characters of a file name that comes from the web

Read = Callable[[Readable], ArchivedContent]
"""`Archive.read`"""


def save(read: Read, result: Result, folder: Path) -> list[Path]:
    """Writes a result's pictures, pages, platform replies and screenshots, and `post.json` with where each came from.

    Returns the files. Raises `StorageError` where the folder cannot be written to, `BadRecord` where the WARC cannot be read.
    """
    target = folder / _name_of(result)
    files = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for number, medium in enumerate(result.media, 1):
            if medium.warc is not None:
                files.append(_save_medium(read, medium, target, number))
        for number, capture in enumerate(_documents(result), 1):
            if (path := _save_capture(read, capture, target, number)) is not None:
                files.append(path)
        shots = [_save_screenshot(read, shot, target, number) for number, shot in enumerate(result.screenshots, 1)]
        content = result.to_json(full=True)
        for shot, path in zip(content["screenshots"], shots, strict=True):
            shot["file"] = path.name
        record = target / "post.json"
        record.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write to {target}: {error.strerror}") from error
    return [*files, *shots, record]


def safe_name(text: str) -> str:
    """A file name out of anything that the web may call itself: no separators, no leading dot, not too long."""
    return re.sub(r"[^A-Za-z0-9._@-]+", "_", text).strip("._")[:MAX_NAME] or "unnamed"


def _name_of(result: Result) -> str:
    if isinstance(result, ArchivedPage):
        return safe_name(f"page-{result.url}")
    known = result.post_id or next(iter(result.short_links), "text")
    return safe_name(f"{result.platform}-{known}")


def _documents(result: Result) -> list[ArchivedCapture]:
    """The captures that are not pictures: the page, pages that embed a post, platforms' replies."""
    shown = {result.url} if isinstance(result, ArchivedPage) else {page.url for page in result.pages}
    if isinstance(result, ArchivedPost):
        shown |= {statement.capture.url for statement in result.statements}
    media = {(medium.warc, medium.offset) for medium in result.media}
    return [capture for capture in result.captures if capture.url in shown and (capture.warc, capture.offset) not in media]


def _save_medium(read: Read, medium: ArchivedMedia, target: Path, number: int) -> Path:
    suffix = mimetypes.guess_extension(medium.mime or "") or ".bin"
    path = target / f"media-{number}-{(medium.sha256 or '')[:12]}{suffix}"
    path.write_bytes(read(medium).content)
    return path


def _save_screenshot(read: Read, shot: ArchivedScreenshot, target: Path, number: int) -> Path:
    """The PNG as it was taken; best first, so the lowest number is the one to look at."""
    taken = read(shot)
    if taken.record_type != "resource":
        raise BadRecord(f"{shot.warc} has no screenshot at byte {shot.offset}: run `archiver reindex`")
    suffix = mimetypes.guess_extension(taken.content_type) or ".bin"
    path = target / f"screenshot-{number}-{_shows(shot)}{suffix}"
    path.write_bytes(taken.content)
    return path


def _shows(shot: ArchivedScreenshot) -> str:
    """What it shows, as part of a file name: by-itself, in-<page>, view, full-page."""
    if shot.kind == ScreenshotKind.EMBED:
        return f"in-{page_name(shot.url)}" if shot.position is not None else "by-itself"
    return "full-page" if shot.kind == ScreenshotKind.FULL_PAGE else safe_name(shot.kind)


def _save_capture(read: Read, capture: ArchivedCapture, target: Path, number: int) -> Path | None:
    """None where there was nothing in the answer to write."""
    if capture.record_type != "response":  # a revisit's bytes are those of a capture before it
        return None
    response = read(capture)
    if not response.content:
        return None
    suffix = mimetypes.guess_extension(response.content_type) or ".bin"
    path = target / f"capture-{number}-{safe_name(capture.url.split('://')[-1])[:60]}{suffix}"
    path.write_bytes(response.content)
    return path
