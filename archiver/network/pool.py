"""The pool: which connections are open, and who may use one next."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from archiver.errors import ConnectionFailed
from archiver.network.connection import Connection
from archiver.network.dialing import ServerOrigin

IDLE_SECONDS = 15.0  # servers commonly give up after 5 to 75 s; who waits longer meets a closed door too often
MAX_IDLE = 100  # over all hosts, so that a crawl of many hosts does not run out of file descriptors
CLOSE_SECONDS = 1.0

Dial = Callable[[ServerOrigin], Awaitable[Connection]]


class _Lane:
    """All connections to one origin."""

    __slots__ = ("idle", "slots", "users")

    def __init__(self, connections: int) -> None:
        self.slots = asyncio.Semaphore(connections)
        self.idle: list[Connection] = []  # the one used last is last, and used first
        self.users = 0


class Pool:
    """Lends connections: at most `per_host` at once to one origin, the others wait in the order in which they came."""

    def __init__(self, dial: Dial, per_host: int) -> None:
        self._dial = dial
        self._per_host = per_host
        self._lanes: dict[ServerOrigin, _Lane] = {}
        self._open: set[Connection] = set()
        self._idle_count = 0
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    @asynccontextmanager
    async def slot(self, origin: ServerOrigin) -> AsyncIterator[None]:
        """Holds one of the `per_host` slots of an origin; waits until one is free."""
        lane = self._lanes.get(origin)
        if lane is None:
            lane = self._lanes[origin] = _Lane(self._per_host)
        lane.users += 1
        try:
            async with lane.slots:
                yield
        finally:
            lane.users -= 1
            self._forget_if_empty(origin, lane)

    def take(self, origin: ServerOrigin) -> Connection | None:
        """An idle connection, or None."""
        lane = self._lanes.get(origin)
        if lane is None:  # closed meanwhile
            return None
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while lane.idle:
            connection = lane.idle.pop()
            self._idle_count -= 1
            if connection.usable and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def dial(self, origin: ServerOrigin) -> Connection:
        """A fresh connection; none once the pool is closed."""
        connection = await self._dial(origin)
        if self._closed:
            connection.abort()
            raise ConnectionFailed(f"{origin.host} was not asked: the fetcher is closed")
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def release(self, origin: ServerOrigin, connection: Connection) -> None:
        """The exchange is over; the connection is kept if it can be used again."""
        lane = self._lanes.get(origin)
        if not connection.usable or lane is None:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        if self._idle_count >= MAX_IDLE:
            self._sweep_older_than(min(lane.idle[0].idle_since for lane in self._lanes.values() if lane.idle))
        connection.idle_since = loop.time()
        lane.idle.append(connection)
        self._idle_count += 1
        if self._sweeper is None:
            self._sweeper = loop.call_later(IDLE_SECONDS, self._sweep)

    async def close(self) -> None:
        """Closes everything, and returns when it is closed."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        waiting = [connection.closed for connection in self._open]
        for connection in list(self._open):
            connection.close() if connection.usable else connection.abort()
        self._lanes.clear()
        self._idle_count = 0
        if not waiting:
            return
        _, slow = await asyncio.wait(waiting, timeout=CLOSE_SECONDS)
        if slow:
            for connection in list(self._open):
                connection.abort()
            await asyncio.wait(slow, timeout=CLOSE_SECONDS)

    def _sweep(self) -> None:
        self._sweeper = None
        loop = asyncio.get_running_loop()
        self._sweep_older_than(loop.time() - IDLE_SECONDS)
        if self._idle_count:
            self._sweeper = loop.call_later(IDLE_SECONDS / 3, self._sweep)

    def _sweep_older_than(self, moment: float) -> None:
        for origin, lane in list(self._lanes.items()):
            stale = [connection for connection in lane.idle if connection.idle_since <= moment or not connection.usable]
            for connection in stale:
                lane.idle.remove(connection)
                connection.close()
            self._idle_count -= len(stale)
            self._forget_if_empty(origin, lane)

    def _forget_if_empty(self, origin: ServerOrigin, lane: _Lane) -> None:
        if not lane.users and not lane.idle and self._lanes.get(origin) is lane:
            del self._lanes[origin]
