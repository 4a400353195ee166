"""Reads pages in a process of its own: extraction takes longer than all the rest of a crawl, and its input is hostile.

The crawl's loop hands over a response and awaits what it tells; meanwhile other requests go on. Parsers are C code: a page that
brings one down ends this process, not the crawl. Such a page is kept like any other, and tells nothing.
"""

from archiver.answering import serve
from archiver.elsewhere import BroughtDown, Elsewhere
from archiver.extraction.decode import MAX_PAGE_BYTES
from archiver.extraction.record import MEDIA_TYPES, Seen, findings_of
from archiver.findings import Findings
from archiver.records import ResourceType
from archiver.spool import Spool

# What decoding can need of a payload: `findings_of` looks at MAX_PAGE_BYTES, and deflate makes nothing longer by more than 0.1 %.
MAX_SENT_BYTES = MAX_PAGE_BYTES + (MAX_PAGE_BYTES >> 8)


class PageReader:
    """Starts its process at the first page. For one event loop; `close` it there."""

    def __init__(self) -> None:
        self._elsewhere = Elsewhere("archiver.reader")

    async def read(self, seen: Seen) -> Findings:
        """What the response tells: pages in the other process, the rest, which is quick, here."""
        if seen.resource_type is not ResourceType.DOCUMENT or seen.content_type.startswith(MEDIA_TYPES):
            return findings_of(seen)  # a picture is streamed, so it needs all of its payload
        payload = seen.payload.bytes(0, MAX_SENT_BYTES)
        try:
            findings = await self._elsewhere.ask(
                (seen.url, seen.captured_at, seen.head, payload, seen.resource_type, seen.truncated)
            )
        except BroughtDown as error:
            return Findings(unreadable=str(error))
        assert isinstance(findings, Findings)
        return findings

    async def close(self) -> None:
        """Ends the process. Call it when no page is being read."""
        await self._elsewhere.close()


def _findings(message: tuple[object, ...]) -> Findings:
    url, captured_at, head, payload, resource_type, truncated = message
    return findings_of(Seen(url, captured_at, head, Spool(payload), resource_type, truncated))  # type: ignore[arg-type]


if __name__ == "__main__":
    serve(_findings)
