"""What a probe found: of each address that was asked, of each door, and of all of them. Frozen; each writes itself as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from archiver.model.exchange import Exchange
from archiver.tasks.crawl.crawl import CrawlReport


class Answer(StrEnum):
    """What came of a question about a control post."""

    UNDERSTOOD = "understood"
    """The door answers, and what it says of the post can be read."""
    NOT_UNDERSTOOD = "not_understood"
    """It answers, and in a form that is not known."""
    GONE = "gone"
    """It says that the post is not there, or not shown."""
    REFUSED = "refused"
    """A refusal, a login, a challenge, a redirect to something else."""
    NOT_REACHED = "not_reached"
    """No response came."""
    NOT_ASKED = "not_asked"
    """There is nothing to ask: no control post, or no address of this kind."""


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """What one address answered."""

    url: str
    answer: Answer
    reason: str | None = None
    """Why it is no more than that, in words for people."""
    status: int | None = None
    """Of the last response; None where none came."""
    fields: tuple[str, ...] = ()
    """What was read of the post: of FIELDS."""
    picture: str | None = None
    """The first picture that it names."""
    exchanges: tuple[Exchange, ...] = ()
    """All that was sent and received, hop by hop."""

    def to_json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "answer": str(self.answer),
            "reason": self.reason,
            "status": self.status,
            "fields": list(self.fields),
        }


FIELDS = ("text", "author", "time", "pictures")
"""What a reply may say of a post, as a probe looks for it."""


@dataclass(frozen=True, slots=True)
class DoorReport:
    """What one door of a platform answered."""

    platform: str
    title: str
    """The platform's, for people."""
    door: str
    """Its name; besides `short_link`, and `picture` for the first one that a reply names."""
    post_id: str | None
    """The control post; None where there is none."""
    answer: Answer
    """The best of its addresses."""
    reason: str | None = None
    fields: tuple[str, ...] = ()
    addresses: tuple[AddressAnswer, ...] = ()
    gone: AddressAnswer | None = None
    """What was said of a post that is known to be gone; None where that was not asked."""
    gone_id: str | None = None
    gone_before: bool = False
    """At the last probe it said of a gone post that it is gone."""
    missing: tuple[str, ...] = ()
    """Fields that it no longer says, and did when it last answered."""
    differs: tuple[str, ...] = ()
    """What differs from the last probe, in words for people."""
    last_at: str | None = None
    """When that was."""

    @property
    def ok(self) -> bool:
        """Whether it does what it did: nothing is to be mended."""
        if self.answer is Answer.NOT_ASKED:
            return True
        return self.answer is Answer.UNDERSTOOD and not self.missing and self._wrong_of_gone is None

    @property
    def _wrong_of_gone(self) -> str | None:
        """A gone post that is said to be there, or no longer said to be gone.

        How a platform always refused to speak of one is no fault of its door: whether a number that was made up is refused or not
        found, nobody can know beforehand.
        """
        if self.gone is None or self.gone.answer is Answer.GONE:
            return None
        if self.gone.answer is Answer.UNDERSTOOD:
            return "of a post that is gone: that it is there"
        return f"of a post that is gone: {self.gone.reason or self.gone.answer}" if self.gone_before else None

    @property
    def wrong(self) -> str | None:
        """What is to be mended, in words for people; None where it is `ok`."""
        if self.ok:
            return None
        if self.answer is not Answer.UNDERSTOOD:
            return self.reason or str(self.answer)
        words = [f"no longer says {', '.join(self.missing)}"] if self.missing else []
        return "; ".join([*words, *filter(None, [self._wrong_of_gone])])

    def to_json(self) -> dict[str, Any]:
        """A line of `archiver platforms --probe --json`; also an entry of the record that the archive keeps."""
        gone = self.gone
        return {
            "platform": self.platform,
            "door": self.door,
            "ok": self.ok,
            "answer": str(self.answer),
            "reason": self.wrong if self.answer is not Answer.NOT_ASKED else self.reason,
            "post_id": self.post_id,
            "fields": list(self.fields),
            "missing": list(self.missing),
            "addresses": [address.to_json() for address in self.addresses],
            "gone": {"post_id": self.gone_id, **gone.to_json()} if gone is not None else None,
            "differs": list(self.differs),
            "last_at": self.last_at,
        }


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What all doors answered."""

    doors: tuple[DoorReport, ...]
    """In the order of the platforms."""
    crawl: CrawlReport = field(repr=False)
    """The same as `archiver run` takes it: a door that fails is a failure of it."""

    @property
    def failed(self) -> tuple[DoorReport, ...]:
        return tuple(door for door in self.doors if not door.ok)


def best_of(addresses: Iterable[AddressAnswer]) -> AddressAnswer | None:
    """The first address that was understood, else the first; None of none."""
    listed = list(addresses)
    return next((each for each in listed if each.answer is Answer.UNDERSTOOD), listed[0] if listed else None)
