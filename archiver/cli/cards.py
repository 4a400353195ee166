"""Posts, pages and embeds for people, as cards of a terminal."""

import textwrap
from collections.abc import Iterator
from typing import Any

import click

from archiver.cli.printing import count_of
from archiver.storage.index.results import (
    ArchivedCapture,
    ArchivedMedia,
    ArchivedPage,
    ArchivedPost,
    ArchivedStatement,
    Result,
)
from archiver.storage.index.screenshots import ArchivedScreenshot
from archiver.text import printable, printable_line

WIDTH = 100  # characters of a card
MAX_LISTED = 5  # pages, pictures and records on a card; `show` has all


def print_card(result: Result, *, full: bool = False, snippet: str | None = None) -> None:
    """A post, embed or page for people."""
    click.echo(click.style(printable_line(_heading(result)), bold=True))
    for label, value in _lines(result, full, snippet):
        first, *rest = textwrap.wrap(printable(value), WIDTH - 12, break_on_hyphens=False, break_long_words=False) or [""]
        click.echo(f"  {click.style(f'{label:9}', dim=True)} {first}")
        for line in rest:
            click.echo(f"  {'':9} {line}")
    click.echo()


def _heading(result: Result) -> str:
    if isinstance(result, ArchivedPage):
        return result.title or result.url or "page"
    name = f"{result.author_name} " if result.author_name else ""
    handle = f"@{result.author}" if result.author else "unknown author"
    return f"{result.platform}  {name}{handle}  {result.posted_at or ''}".rstrip()


def _lines(result: Result, full: bool, snippet: str | None) -> Iterator[tuple[str, str]]:
    limit = 10_000 if full else MAX_LISTED
    is_page = isinstance(result, ArchivedPage)
    yield "address", result.url or "not known: the page shows only text and a short link"
    if snippet is not None:
        yield "words", snippet
    elif result.text:
        yield "text", textwrap.shorten(result.text, 400, placeholder=" …") if is_page else result.text
    statements = result.statements if isinstance(result, ArchivedPost) else ()
    if not isinstance(result, ArchivedPage):
        yield "still up?", (result.verdict if isinstance(result, ArchivedPost) else None) or _last_answer(statements)
        if result.short_links:
            yield "links", "  ".join(result.short_links)
        yield from _some(
            "page", [f"{page.title or page.url} — {page.url} (seen {page.captured_at[:10]})" for page in result.pages], limit
        )
    yield from _some("media", [_medium(medium) for medium in result.media], limit)
    if full:
        yield from (("exif", f"{medium.url}: {_fields(medium.exif)}") for medium in result.media if medium.exif is not None)
    yield from _some("shot", [_screenshot(shot) for shot in result.screenshots], limit)
    if full:
        yield from (("statement", _statement(statement)) for statement in statements)
        records = [
            f"{c.captured_at} {c.status} {c.url} in {c.warc} at byte {c.offset}, {c.digest}{_cookies(c)}" for c in result.captures
        ]
        yield from _some("record", records, limit)
    with_cookies = sum(capture.with_cookies for capture in result.captures)
    if with_cookies:
        yield "cookies", f"{with_cookies} of {count_of(len(result.captures), 'record')} made with the user's own cookies"


def _cookies(capture: ArchivedCapture) -> str:
    return ", made with the user's own cookies" if capture.with_cookies else ""


def _some(label: str, items: list[str], limit: int) -> Iterator[tuple[str, str]]:
    yield from ((label, item) for item in items[:limit])
    if len(items) > limit:
        yield "", f"and {len(items) - limit} more: archiver show, or --json"


def _last_answer(statements: tuple[ArchivedStatement, ...]) -> str:
    """What the platform answered when it was last asked; that is no verdict."""
    answers = [statement for statement in statements if statement.state]
    if not answers:
        return "never asked"
    last = max(answers, key=lambda statement: statement.said_at)
    words = (
        "yes" if last.state == "live" else f"no ({last.state})" if last.state != "tombstone" else "the platform shows a tombstone"
    )
    return f"{words}, by its platform ({last.source}) on {last.said_at[:10]}; not checked since"


def _statement(statement: ArchivedStatement) -> str:
    words = f": {statement.text}" if statement.text else ""
    state = f" ({statement.state})" if statement.state else ""
    return f"{statement.said_at[:19]}Z {statement.source}{state}{words} [{statement.capture.url}]"


def _screenshot(shot: ArchivedScreenshot) -> str:
    """Where the picture is, what it shows, when it was taken; and what is wrong with it, where something is."""
    place = {"view": "view", "fullPage": "full page"}.get(shot.kind, f"in {shot.url}" if shot.position else "by itself")
    wrong = "" if shot.quality == "good" else f", {shot.quality.replace('_', ' ')}{f': {shot.reason}' if shot.reason else ''}"
    path = shot.path or f"{shot.warc} at byte {shot.offset}"
    return f"{path} ({place}, {shot.taken_at[:10]}{wrong})"


def _medium(medium: ArchivedMedia) -> str:
    if medium.warc is None:
        return f"{medium.url} (not captured)"
    similar = f"similar picture (distance {medium.distance} of 256): " if medium.distance is not None else ""
    size = f"{medium.width}x{medium.height}, " if medium.width else ""
    return f"{similar}{medium.url} ({size}{medium.size:,} bytes) in {medium.warc} at byte {medium.offset}"


def _fields(exif: dict[str, Any]) -> str:
    """`Make: Kodiak, Model: K 1000`."""
    return ", ".join(f"{name}: {value}" for name, value in exif.items())
