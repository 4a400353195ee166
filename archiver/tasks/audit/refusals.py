"""Pictures of refusals that were judged good when nobody looked for them: found in the text that their render kept.

Until 2026-12 a render did not know the words by which players refuse, and came to them without a Referer: any picture of a
YouTube player since 2025-10 may show "Error 153". Renders of today say in their notes that they looked, and are not read.
"""

import sqlite3
from dataclasses import replace
from pathlib import Path

from archiver.browser.wording import phrase_on_a_line, refusal
from archiver.errors import BadRecord
from archiver.model.findings import PostRef
from archiver.model.render import Quality
from archiver.platforms import platform_named
from archiver.storage.index.audit_queries import PageFacts, PostFacts, RenderText, Shot
from archiver.storage.index.rows import post_id
from archiver.storage.warc.reader import read_record

SHOWING = frozenset((Quality.GOOD, Quality.UNSCRIPTED, Quality.HALF_LOADED, Quality.TEXT_MISSING))
# Bytes of a record in its file. A refusal has less than 500 characters, some 2 KB with the record's headers; what is larger shows
# more than that. Of a page they are few lines among all.
MOST_OF_A_POST, MOST_OF_A_PAGE = 8 << 10, 256 << 10
MOST_CHARACTERS = 400_000  # of a page


class EarlierRenders:
    """Reads the texts of such renders; what it finds stands in the facts as if it had been seen then."""

    def __init__(self, index: sqlite3.Connection, data_dir: Path) -> None:
        self._index = index
        self._data_dir = data_dir

    def of_post(self, facts: PostFacts) -> PostFacts:
        """The facts, with the pictures by itself that show a refusal marked so."""
        platform, found = platform_named(facts.platform), dict[str, str]()
        for text in facts.unread:
            if platform is not None and any(_shows(shot, text) for shot in facts.by_itself):
                phrase = refusal(self._read(text, MOST_OF_A_POST), self._words(facts), platform)
                found |= {text.rendered_at: f'the network refuses to show it here: "{phrase}"'} if phrase else {}
        return replace(facts, by_itself=_marked(facts.by_itself, found)) if found else facts

    def of_page(self, facts: PageFacts) -> PageFacts:
        """The facts, with the pictures of embeds marked whose network's refusal is a line of the page; which of several embeds of
        that network shows it the text does not tell."""
        found: dict[str, dict[str, str]] = {}
        for text in facts.unread:
            showing = {one.platform for one in facts.embeds if any(_shows(shot, text) for shot in one.drawn)}
            phrases = {name: platform.embed_refused for name in showing if (platform := platform_named(name)) is not None}
            words = self._read(text, MOST_OF_A_PAGE)[:MOST_CHARACTERS] if any(phrases.values()) else ""
            for name in phrases:
                if phrase := phrase_on_a_line(words, phrases[name]):
                    found.setdefault(name, {})[text.rendered_at] = f'its page shows "{phrase}", here or at another embed'
        embeds = (replace(one, drawn=_marked(one.drawn, found.get(one.platform, {}))) for one in facts.embeds)
        return replace(facts, embeds=tuple(embeds)) if found else facts

    def _read(self, text: RenderText, most: int) -> str:
        """ "" where it is larger than `most` bytes, or cannot be read: `archiver verify` tells of that."""
        try:
            record = read_record(self._data_dir / text.warc, text.offset, text.length) if text.length <= most else None
        except BadRecord:
            return ""
        return record.block.bytes().decode("utf-8", "replace") if record is not None else ""

    def _words(self, facts: PostFacts) -> str | None:
        ref = PostRef(facts.platform, facts.post_id)
        return next((text for (text,) in self._index.execute("SELECT text FROM posts WHERE id = ?", (post_id(ref),))), None)


def _shows(shot: Shot, text: RenderText) -> bool:
    """Whether a picture is of the render that has this text, and was taken to show something."""
    return shot.taken_at == text.rendered_at and shot.quality in SHOWING


def _marked(shots: tuple[Shot, ...], reasons: dict[str, str]) -> tuple[Shot, ...]:
    """The pictures, those of the renders of these times marked as refused."""
    return tuple(
        replace(shot, quality=Quality.REFUSED, reason=reasons[shot.taken_at], found_later=True)
        if shot.taken_at in reasons and shot.quality in SHOWING
        else shot
        for shot in shots
    )
