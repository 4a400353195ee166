"""What servers of Mastodon's kind have in common: ids made from the time, and pictures in two sizes."""

from datetime import UTC, datetime

from archiver.html.pattern import Pattern
from archiver.platforms import moments
from archiver.platforms.addressed import MediaForm

# Since October 2017 an id is 48 bits of milliseconds since 1970 and 16 bits that tell posts of one millisecond apart
# (mastodon/mastodon, lib/mastodon/snowflake.rb); before, posts were counted. Posts that came from elsewhere have the id of the
# time that they say they are of, and the oldest software that talks to Mastodon's is of 2008.
_EARLIEST = datetime(2008, 1, 1, tzinfo=UTC)
_LATEST = datetime(2035, 1, 1, tzinfo=UTC)  # the time of day written as digits (202205011234567890) would be of 2067

MEDIA_FORMS = (
    # `original/KEY.mp4` has `small/KEY.png`, so that the name's ending belongs to the key.
    MediaForm(
        Pattern(
            r"(?P<place>[^?#\s]{4,200}/media_attachments/files/(?:\d{1,3}/){1,7})(?:original|small)/(?P<file>[\w-]+\.\w{2,5})"
        ),
        "{place}{file}",
        ("https://{place}original/{file}", "https://{place}small/{file}"),
    ),
)
MEDIA_PATH = "/media_attachments/files/"
"""In each of these addresses; to look for before anything dearer."""


_NAME = Pattern(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,60}[A-Za-z0-9_])?")


def is_name(author: str | None) -> bool:
    """Whether it may be the name of an account of the server itself: those of others have a host behind them."""
    return author is not None and _NAME.fullmatch(author) is not None


def posted_at(number: str) -> str | None:
    """The time that an id holds; None for ids that are counted."""
    if not (number.isascii() and number.isdigit() and 17 <= len(number) <= 18):
        return None
    milliseconds = int(number) >> 16
    return moments.from_milliseconds(milliseconds, _EARLIEST) if milliseconds < _LATEST.timestamp() * 1_000 else None
