"""What commands print alike: JSON Lines for programs, counts and what waits for people."""

from typing import TYPE_CHECKING, Any

import click

from archiver.text import json_line

if TYPE_CHECKING:
    from archiver.storage.state.requeue_list import RequeueCounts


def print_json(content: Any) -> None:
    """One line. What could do harm in a terminal is escaped, for those who read it there."""
    click.echo(json_line(content))


def waiting_line(waiting: "RequeueCounts") -> str:
    """`12 posts and 3 pages wait for the next crawl or archiver render`."""
    if not waiting.posts + waiting.pages:
        return "nothing waits to be done again"
    parts = [count_of(waiting.posts, "post")] * bool(waiting.posts) + [count_of(waiting.pages, "page")] * bool(waiting.pages)
    verb = "waits" if waiting.posts + waiting.pages == 1 else "wait"
    return f"{' and '.join(parts)} {verb} for the next crawl or `archiver render`"


def count_of(count: int, noun: str, plural: str | None = None) -> str:
    """`1 post`, `1,203 posts`; `plural` where that is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
