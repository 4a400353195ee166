"""Stops a crawl that is under way: at Ctrl-C, at a SIGTERM, and when its time is up."""

import asyncio
import signal

from archiver.crawling.session import Session

GRACE_SECONDS = 5.0  # for what is under way when a crawl is interrupted; then connections are cut, and asked for again next time


class StopSignals:
    """Stops a session: the first Ctrl-C lets what is under way end, for a while; the second cuts it off.

    Made in the event loop of the crawl.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._loop = session, asyncio.get_running_loop()
        self._stopped = False
        self._cutting: asyncio.Task[None] | None = None  # the loop itself keeps no strong reference to a task
        self._handled: list[signal.Signals] = []

    def listen(self) -> None:
        """Catches signals from here on, in the main thread; in another one only the time is kept."""
        if self._session.plan.settings.stop_after is not None:
            self._loop.call_later(self._session.plan.settings.stop_after, self._time_is_up)
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._loop.add_signal_handler(number, self._interrupt)
            except (ValueError, RuntimeError):  # not in the main thread
                break
            self._handled.append(number)

    def end(self) -> None:
        """Gives the signals back their earlier handlers."""
        for number in self._handled:
            self._loop.remove_signal_handler(number)

    def _time_is_up(self) -> None:
        if not self._stopped and not self._session.closed:
            self._session.outcome.out_of_time = True
            self._stop()

    def _interrupt(self) -> None:
        self._session.outcome.out_of_time = False
        self._stop()

    def _stop(self) -> None:
        if self._session.stop is not None:
            self._session.stop()
        if self._stopped:
            self._hang_up()
        else:
            self._stopped = True
            self._loop.call_later(GRACE_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        if self._cutting is None:
            self._cutting = self._loop.create_task(self._session.fetcher.close())
