"""What reaches a terminal or a script: text without control characters, cards for people, JSON Lines for programs."""

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from archiver.text import json_line, printable, printable_line

if TYPE_CHECKING:
    from archiver.storage.index.results import Found
    from archiver.storage.index.screenshots import FoundScreenshot
    from archiver.storage.state.requeue_list import Waiting

WIDTH = 100  # characters of a card
MAX_LISTED = 5  # pages, pictures and records on a card; `show` has all


def print_json(content: Any) -> None:
    """One line. What could do harm in a terminal is escaped, for those who read it there."""
    click.echo(json_line(content))


def print_card(found: "Found", *, full: bool = False, snippet: str | None = None) -> None:
    """A post, embed or page for people."""
    click.echo(click.style(printable_line(_heading(found)), bold=True))
    for label, value in _lines(found, full, snippet):
        first, *rest = textwrap.wrap(printable(value), WIDTH - 12, break_on_hyphens=False, break_long_words=False) or [""]
        click.echo(f"  {click.style(f'{label:9}', dim=True)} {first}")
        for line in rest:
            click.echo(f"  {'':9} {line}")
    click.echo()


def _heading(found: "Found") -> str:
    if found.platform is None:
        return found.title or found.url or "page"
    name = f"{found.author_name} " if found.author_name else ""
    handle = f"@{found.author}" if found.author else "unknown author"
    return f"{found.platform}  {name}{handle}  {found.posted_at or ''}".rstrip()


def _lines(found: "Found", full: bool, snippet: str | None) -> Iterator[tuple[str, str]]:
    limit = 10_000 if full else MAX_LISTED
    if found.url:
        yield "address", found.url
    elif found.post_id is None:
        yield "address", "not known: the page shows only text and a short link"
    if snippet is not None:
        yield "words", snippet
    elif found.text:
        yield "text", found.text if found.platform else textwrap.shorten(found.text, 400, placeholder=" …")
    if found.platform is not None:
        yield "still up?", found.verdict or _last_word(found)
    if found.short_links:
        yield "links", "  ".join(found.short_links)
    if found.platform is not None:
        yield from _some(
            "page", [f"{page.title or page.url} — {page.url} (seen {page.captured_at[:10]})" for page in found.pages], limit
        )
    yield from _some("media", [_medium(medium) for medium in found.media], limit)
    if full:
        yield from (("exif", f"{medium.url}: {_fields(medium.exif)}") for medium in found.media if medium.exif is not None)
    yield from _some("drawn", [_drawn(shot) for shot in found.screenshots], limit)
    if full:
        yield from (("said", _statement(said)) for said in found.statements)
        records = [
            f"{c.captured_at} {c.status} {c.url} in {c.warc} at byte {c.offset}, {c.digest}{_cookies(c)}" for c in found.captures
        ]
        yield from _some("record", records, limit)
    with_cookies = sum(capture.with_cookies for capture in found.captures)
    if with_cookies:
        yield "cookies", f"{with_cookies} of {count_of(len(found.captures), 'record')} made with the user's own cookies"


def _cookies(capture: Any) -> str:
    return ", made with the user's own cookies" if capture.with_cookies else ""


def _some(label: str, items: list[str], limit: int) -> Iterator[tuple[str, str]]:
    yield from ((label, item) for item in items[:limit])
    if len(items) > limit:
        yield "", f"and {len(items) - limit} more: archiver show, or --json"


def _last_word(found: "Found") -> str:
    """What the platform said when it was last asked; that is no verdict."""
    said = [statement for statement in found.statements if statement.state]
    if not said:
        return "never asked"
    last = max(said, key=lambda statement: statement.said_at)
    words = (
        "yes" if last.state == "live" else f"no ({last.state})" if last.state != "tombstone" else "the platform shows a tombstone"
    )
    return f"{words}, said its platform ({last.source}) on {last.said_at[:10]}; not checked since"


def _statement(said: Any) -> str:
    words = f": {said.text}" if said.text else ""
    return f"{said.said_at[:19]}Z {said.source}{f' ({said.state})' if said.state else ''}{words} [{said.capture.url}]"


def _drawn(shot: "FoundScreenshot") -> str:
    """Where the picture is, what it shows, when it was taken; and what is wrong with it, where something is."""
    place = {"view": "view", "fullPage": "full page"}.get(shot.kind, f"in {shot.url}" if shot.position else "by itself")
    wrong = "" if shot.quality == "good" else f", {shot.quality.replace('_', ' ')}{f': {shot.reason}' if shot.reason else ''}"
    path = shot.path or f"{shot.warc} at byte {shot.offset}"
    return f"{path} ({place}, {shot.taken_at[:10]}{wrong})"


def _medium(medium: Any) -> str:
    if medium.warc is None:
        return f"{medium.url} (not held)"
    similar = f"similar picture (distance {medium.distance} of 256): " if medium.distance is not None else ""
    size = f"{medium.width}x{medium.height}, " if medium.width else ""
    return f"{similar}{medium.url} ({size}{medium.size:,} bytes) in {medium.warc} at byte {medium.offset}"


def _fields(exif: str) -> str:
    """`Make: Kodiak, Model: K 1000`."""
    return ", ".join(f"{name}: {value}" for name, value in json.loads(exif).items())


def waiting_line(waiting: "Waiting") -> str:
    """`12 posts and 3 pages wait for the next crawl or archiver render`."""
    if not waiting.posts + waiting.pages:
        return "nothing waits to be done again"
    parts = [count_of(waiting.posts, "post")] * bool(waiting.posts) + [count_of(waiting.pages, "page")] * bool(waiting.pages)
    verb = "waits" if waiting.posts + waiting.pages == 1 else "wait"
    return f"{' and '.join(parts)} {verb} for the next crawl or `archiver render`"


def count_of(count: int, noun: str, plural: str | None = None) -> str:
    """`1 post`, `1,203 posts`; `plural` where that is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
