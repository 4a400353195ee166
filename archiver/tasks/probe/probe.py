"""Probes the platforms: asks each for its control posts by each door, keeps the replies, compares with the last probe."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.config.settings import PROBE_JOB, Config, with_overrides
from archiver.crawling.session import CrawlPlan, CrawlStats, Session, open_session
from archiver.errors import StorageError
from archiver.model.exchange import PostQuestion
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, media_urls_of
from archiver.platforms.base import Platform
from archiver.platforms.control_posts import ControlPost
from archiver.platforms.doors import EMBED_PAGE
from archiver.storage.state.probes import LastProbe, keep, last_probes, paused_hosts
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.crawl.truncated_files import reindex_truncated
from archiver.tasks.platforms import named
from archiver.tasks.probe.asking import PICTURE, SHORT_LINK, Asker, Reply
from archiver.tasks.probe.reading import read_embed_page, read_picture, read_reply, read_short_link
from archiver.tasks.probe.report import AddressAnswer, Answer, DoorReport, ProbeReport, best_of
from archiver.times import Clock, to_warc_date, utc_now

NO_CONTROL = "no control post is known: name one in archiver.toml, `control` of [platforms.{}]"
NO_ADDRESS = "no address of this kind is known for the control post"


def plan_of_probe(data_dir: Path, config: Config, **overrides: object) -> CrawlPlan:
    """The probe as [crawl], [hosts] and [platforms] have it, with the options of the command line over it. Nothing is drawn."""
    settings = with_overrides(config.crawl, **{**overrides, "screenshots": "none"})
    return CrawlPlan(
        data_dir,
        (),
        job=PROBE_JOB,
        settings=settings,
        hosts=config.hosts,
        platforms=config.platforms,
        timestamps=config.timestamps,
    )


def probe(
    plan: CrawlPlan,
    names: Iterable[str] = (),
    *,
    on_door: Callable[[DoorReport], None] | None = None,
    on_progress: Callable[[CrawlStats, str], None] | None = None,
    clock: Clock = utc_now,
) -> ProbeReport:
    """Asks the platforms of these names, or all. `on_door` is called with each door as soon as its platform is done.

    Raises `UsageError` for an unknown name, `ConfigError`, `ArchiveHeld`, `StorageError`; and KeyboardInterrupt after Ctrl-C or a
    SIGTERM: what was asked until then is kept.
    """
    wanted = named(names)
    chosen = tuple(platform for platform in PLATFORMS if platform.name in wanted)
    try:
        return asyncio.run(_probe(plan, chosen, on_door, on_progress, clock))
    except asyncio.CancelledError:  # by SIGTERM
        raise KeyboardInterrupt from None


def crawl_of_probe(
    plan: CrawlPlan, *, on_progress: Callable[[CrawlStats, str], None] | None = None, clock: Clock = utc_now
) -> CrawlReport:
    """A probe of all platforms, as `archiver run` calls a crawl: each door that fails is a failure of it."""
    return probe(plan, on_progress=on_progress, clock=clock).crawl


async def _probe(
    plan: CrawlPlan,
    platforms: tuple[Platform, ...],
    on_door: Callable[[DoorReport], None] | None,
    on_progress: Callable[[CrawlStats, str], None] | None,
    clock: Clock,
) -> ProbeReport:
    reindex_truncated(plan.data_dir, None)
    session = open_session(plan, on_progress=on_progress, clock=clock)
    results: dict[str, tuple[DoorReport, ...]] = {}
    try:
        _end_at_sigterm()
        one_run = _Probe(session, Asker(session, _paused(session)), last_probes(session.recorder.paths.state))
        slots = asyncio.Semaphore(plan.settings.concurrency)

        async def probe_one(platform: Platform) -> None:
            async with slots:
                doors = results[platform.name] = await one_run.doors_of(platform)
            one_run.keep(platform, doors)
            for door in doors:
                if on_door is not None:
                    on_door(door)

        await _all_or_none([asyncio.ensure_future(probe_one(platform)) for platform in platforms])
        doors = tuple(door for platform in platforms for door in results[platform.name])
        session.outcome.failed += [(f"{door.title}, {door.door}", door.wrong) for door in doors if door.wrong is not None]
    except asyncio.CancelledError:
        session.outcome.interrupted = True
        raise
    except StorageError as error:
        session.outcome.trouble = error
        raise
    finally:
        await session.close()
    return ProbeReport(doors, CrawlReport(session.stats, session.outcome, session.recorder.crawl.uuid))


def _paused(session: Session) -> dict[str, str]:
    """What is told of the hosts that have asked crawls of this archive to wait, as long as that lasts."""
    now = session.clock().timestamp()
    return {
        host: f"was not asked: it asked a crawl to wait, for another {until - now:,.0f} s"
        for host, until in paused_hosts(session.recorder.paths.state).items()
        if until > now
    }


def _end_at_sigterm() -> None:
    """Ends the task that runs, as Ctrl-C does by itself, when a SIGTERM comes: the archive is closed then."""
    task = asyncio.current_task()
    assert task is not None  # it is called in one
    with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: then nobody sends us signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _all_or_none(tasks: list[asyncio.Task[None]]) -> None:
    """Waits for all; where one fails the others are ended."""
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


@dataclass(frozen=True, slots=True)
class _Probe:
    """One probe of all platforms."""

    session: Session
    asker: Asker
    last: dict[tuple[str, str], LastProbe]

    async def doors_of(self, platform: Platform) -> tuple[DoorReport, ...]:
        """All doors of a platform, one after the other."""
        control = self.session.doors.control_posts(platform)
        names = [door.name for door in self.session.doors.doors_of(platform)]
        if not control.live:
            return tuple(self._not_asked(platform, name, None, NO_CONTROL.format(platform.name)) for name in names)
        reports = [await self._door(platform, name, control.live, control.gone) for name in names]
        first = control.live[0]
        if first.short_link is not None:
            reports.append(await self._short_link(platform, first))
        answered = (address for report in reports for address in report.addresses if address.picture)
        picture = next((address.picture for address in answered), first.picture)
        if picture is not None:
            reports.append(await self._picture(platform, first, picture))
        return tuple(self._compared(report) for report in reports)

    # --- asking ---------------------------------------------------------------------------------------------------------

    async def _door(
        self, platform: Platform, name: str, live: tuple[ControlPost, ...], gone: tuple[ControlPost, ...]
    ) -> DoorReport:
        """The door by its first control post; by the next one where it says that this one is gone."""
        report = self._not_asked(platform, name, live[0].id, NO_ADDRESS)
        for post in live:
            addresses = self._addresses(platform, name, post)
            answers = [await self._address(platform, name, post, url) for url in addresses]
            best = best_of(answers)
            if best is None:
                continue
            report = DoorReport(
                platform.name, platform.title, name, post.id, best.answer, _reasons(answers, best), best.fields, tuple(answers)
            )
            if best.answer is Answer.UNDERSTOOD:
                at = answers.index(best)
                return await self._with_gone(platform, report, gone, at)
            if best.answer is not Answer.GONE:
                break
        return report

    async def _with_gone(self, platform: Platform, report: DoorReport, gone: tuple[ControlPost, ...], at: int) -> DoorReport:
        """`report`, with what its door says of a post that is gone, asked at the address that answered for the live one.

        An embed page that only a script fills says the same of all posts, so it is not asked.
        """
        if not gone or not self._is_read(platform, report.door, gone[0].id):
            return report
        addresses = self._addresses(platform, report.door, gone[0])
        if not addresses:
            return report
        answer = await self._address(platform, report.door, gone[0], addresses[min(at, len(addresses) - 1)])
        return replace(report, gone=answer, gone_id=gone[0].id)

    def _addresses(self, platform: Platform, door: str, post: ControlPost) -> tuple[str, ...]:
        doors, ref = self.session.doors, PostRef(platform.name, post.id)
        requests = (request for declared, request in doors.requests_by_door(ref) if declared.name == door)
        request = next(requests, None)
        if request is not None:
            return (request.url, *request.others)
        return doors.embed_pages(ref, post.author) if door == EMBED_PAGE else ()

    def _is_read(self, platform: Platform, door: str, post_id: str) -> bool:
        """Whether a crawl reads what this door answers."""
        return any(request.door == door for request in platform.requests_about(post_id))

    async def _address(self, platform: Platform, door: str, post: ControlPost, url: str) -> AddressAnswer:
        read = self._is_read(platform, door, post.id)
        reply = await self.asker.ask(platform, PostQuestion(platform.name, door, post.id), url, framed=door == EMBED_PAGE)
        if (silent := _silent(url, reply)) is not None or reply.exchange is None:
            return silent or AddressAnswer(url, Answer.NOT_REACHED)
        status = reply.exchange.head.status
        if read:
            answer = read_reply(platform, post.id, url, status, reply.findings)
        else:
            answer = read_embed_page(platform, url, status, reply.findings, reply.body())
        return replace(answer, exchanges=reply.exchanges)

    async def _short_link(self, platform: Platform, post: ControlPost) -> DoorReport:
        url = f"https://{(post.short_link or '').removeprefix('https://')}"
        reply = await self.asker.ask(platform, PostQuestion(platform.name, SHORT_LINK, post.id), url)
        answer = _silent(url, reply)
        if answer is None and reply.exchange is not None:
            answer = read_short_link(platform, post.id, url, reply.exchange.head.status, reply.findings)
        return _report_of(platform, SHORT_LINK, post, [replace(answer, exchanges=reply.exchanges)] if answer else [])

    async def _picture(self, platform: Platform, post: ControlPost, picture: str) -> DoorReport:
        """The original, then smaller sizes, until one came: a platform may keep no original of an old picture."""
        answers: list[AddressAnswer] = []
        for url in media_urls_of(picture):
            reply = await self.asker.ask(platform, PostQuestion(platform.name, PICTURE, post.id), url)
            answer = _silent(url, reply)
            if answer is None and reply.exchange is not None:
                answer = read_picture(url, reply.exchange.head.status, reply.findings, reply.exchange.payload)
            if answer is not None:
                answers.append(replace(answer, exchanges=reply.exchanges))
            if answer is not None and answer.answer in (Answer.UNDERSTOOD, Answer.NOT_REACHED):
                break
        return _report_of(platform, PICTURE, post, answers)

    def _not_asked(self, platform: Platform, door: str, post_id: str | None, reason: str) -> DoorReport:
        return DoorReport(platform.name, platform.title, door, post_id, Answer.NOT_ASKED, reason)

    # --- the last probe -------------------------------------------------------------------------------------------------

    def _compared(self, report: DoorReport) -> DoorReport:
        last = self.last.get((report.platform, report.door))
        if last is None:
            return report
        answered = report.answer is Answer.UNDERSTOOD
        alike = answered and report.post_id == last.post_id  # of another post a door may say other things
        missing = tuple(name for name in last.fields if name not in report.fields) if alike else ()
        report = replace(report, missing=missing, last_at=last.probed_at, gone_before=last.gone == Answer.GONE)
        return replace(report, differs=tuple(_differences(report, last)))

    def keep(self, platform: Platform, reports: tuple[DoorReport, ...]) -> None:
        """Writes down what was found: in the archive, and to be compared with the next time. Raises `StorageError`."""
        moment = self.session.clock()
        self.session.recorder.note_probe(platform.name, moment, [report.to_json() for report in reports])
        probes = []
        for report in reports:
            if report.answer is Answer.NOT_ASKED:
                continue
            before = self.last.get((report.platform, report.door))
            answered = report.answer is Answer.UNDERSTOOD
            of = (report.post_id, report.fields) if answered or before is None else (before.post_id, before.fields)
            gone = str(report.gone.answer) if report.gone is not None else None
            wrong = report.reason if not answered else None
            probes.append(LastProbe(report.platform, report.door, to_warc_date(moment), str(report.answer), wrong, gone, *of))
        keep(self.session.recorder.paths.state, probes)


def _silent(url: str, reply: Reply) -> AddressAnswer | None:
    """Where no response came."""
    if reply.exchange is not None:
        return None
    answer = Answer.NOT_REACHED if reply.wait is None else Answer.REFUSED
    return AddressAnswer(url, answer, reply.trouble or reply.wait, exchanges=reply.exchanges)


def _report_of(platform: Platform, door: str, post: ControlPost, answers: list[AddressAnswer]) -> DoorReport:
    best = best_of(answers)
    assert best is not None  # at least one address is asked
    reason = _reasons(answers, best)
    return DoorReport(platform.name, platform.title, door, post.id, best.answer, reason, best.fields, tuple(answers))


def _reasons(answers: list[AddressAnswer], best: AddressAnswer) -> str | None:
    """Why those that did not answer did not, each with its host."""
    said = dict.fromkeys(
        f"{_host(answer.url)} {answer.reason}" for answer in answers if answer.answer is not Answer.UNDERSTOOD and answer.reason
    )
    return "; ".join(said) or best.reason


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _differences(report: DoorReport, last: LastProbe) -> Iterator[str]:
    day = last.probed_at[:10]
    if report.answer != last.answer:
        yield f"on {day}: {in_words(last.answer)}{f' ({last.reason})' if last.reason else ''}"
    elif report.answer is not Answer.UNDERSTOOD and report.reason != last.reason:
        yield f"on {day}: {last.reason}"
    if report.answer is Answer.UNDERSTOOD:
        yield from (f"no longer says {name}" for name in report.missing)
        yield from (f"says {name} now" for name in report.fields if name not in last.fields and last.post_id == report.post_id)
    gone = str(report.gone.answer) if report.gone is not None else None
    if gone != last.gone and None not in (gone, last.gone):
        yield f"of a post that is gone, on {day}: {in_words(last.gone or '')}"


def in_words(answer: str) -> str:
    """An answer, for people."""
    return _WORDS.get(answer, answer)


_WORDS: dict[str, str] = {
    Answer.UNDERSTOOD: "answers",
    Answer.NOT_UNDERSTOOD: "answers, and is no longer understood",
    Answer.GONE: "says that the post is gone",
    Answer.REFUSED: "refuses",
    Answer.NOT_REACHED: "is not reached",
    Answer.NOT_ASKED: "not asked",
}
