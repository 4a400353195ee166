"""Resuming a run: responses that an interrupted crawl recorded after the run's last commit are read from the archive instead of
asked for again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from archiver.config.settings import HostSettings, host_settings
from archiver.errors import BadUrl
from archiver.model.exchange import ResourceType
from archiver.model.findings import PostRef
from archiver.recording.recorder import Recorded, Recorder
from archiver.recording.replay import ReplayedResponse, replay
from archiver.storage.index.resume_queries import EarlierAnswer, ResumeQueries
from archiver.times import Clock, to_warc_date
from archiver.urls import checked, host_of
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import Frontier

REPLY_SECONDS = 86_400.0  # a browser is given nothing older: a screenshot shows what was so on its day


class ResumeLookup:
    """Looks up what earlier crawls of this very run recorded. For each request only what came after its last known state counts:
    one that is made `again`, or was postponed, is made again."""

    def __init__(self, recorder: Recorder, frontier: Frontier, hosts: Mapping[str, HostSettings], clock: Clock) -> None:
        """`hosts`: settings of single hosts, which say where cookies are sent."""
        self._recorder, self._frontier, self._hosts, self._clock = recorder, frontier, hosts, clock
        self._earlier = ResumeQueries(recorder.past, frontier.crawls) if frontier.crawls else None
        frontier.add_crawl(recorder.crawl.uuid)

    def answer(self, seq: int, request: CrawlRequest) -> EarlierAnswer | None:
        """Where the response to this request lies in the archive; None where it has to be asked for."""
        if self._earlier is None or (url := _recorded_url(request.url)) is None:
            return None
        since, logs_in = self._known_until(seq), self._logs_in(url)
        kind = request.purpose.resource_type
        shared = kind is ResourceType.IMAGE  # with browsers
        answer = self._earlier.answer(url, kind.value, since, lasting=shared, with_cookies=logs_in)
        if answer is None and request.kind is RequestKind.ASK:  # a browser may have asked the same
            recent = max(since, self._recent())
            answer = self._earlier.answer(url, ResourceType.XHR.value, recent, lasting=True, with_cookies=logs_in)
        return answer

    def rendered(self, seq: int, request: CrawlRequest) -> bool:
        """Whether an earlier crawl of this run rendered it."""
        post = PostRef(*request.post) if request.post is not None else None
        return self._earlier is not None and self._earlier.rendered(request.url, post, self._known_until(seq))

    async def platform_replies(self, url: str) -> list[Recorded]:
        """The platforms' replies that the render of `url` was given: the run may not know what follows from them."""
        places = self._earlier.platform_replies(url) if self._earlier is not None else []
        replayed = [await replay(self._recorder, place) for place in places]
        return [each.recorded for each in replayed if each is not None]

    async def for_browser(self, url: str) -> ReplayedResponse | None:
        """The response to a browser's request, where an earlier crawl of this run recorded it within `REPLY_SECONDS`.

        None for a host to which the user's cookies go: it may have answered to somebody who is not logged in.
        """
        if self._earlier is None or self._logs_in(url):
            return None
        answer = self._earlier.any_answer(url, self._recent())
        return await replay(self._recorder, answer) if answer is not None else None

    def _logs_in(self, url: str) -> bool:
        return host_settings(self._hosts, host_of(url)).cookies is not None

    def _recent(self) -> str:
        return to_warc_date(self._clock() - timedelta(seconds=REPLY_SECONDS))

    def _known_until(self, seq: int) -> str:
        return to_warc_date(datetime.fromtimestamp(self._frontier.requests.known_until(seq), UTC))


def _recorded_url(url: str) -> str | None:
    """The URL as the fetcher asks for it, and as its record has it; None for what is no URL."""
    try:
        return checked(url)
    except BadUrl:
        return None
