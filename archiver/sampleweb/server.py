"""The sockets of the sample web: one plain port and one TLS port on loopback, in this loop or in a thread of its own."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

from archiver.sampleweb.broken_hosts import HANGS_UP, Broken, broken_reply
from archiver.sampleweb.certificates import Certificates
from archiver.sampleweb.exchanges import Reply, Request, read_request, streamed, to_bytes
from archiver.sampleweb.hosts import Embedding, Hosts
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.posts import Post
from archiver.sampleweb.troubles import Troubles, troubles_of
from archiver.sampleweb.tweets import AGES, Tweet, all_tweets

LOOPBACK = "127.0.0.1"
MAX_HEAD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as the server saw it, in order of arrival."""

    host: str
    path: str
    """Path and query as sent."""
    headers: dict[str, str]
    """Names in lower case."""
    day: int
    method: str
    status: int
    """What was answered; 0 where a broken host hung up."""
    secure: bool
    at: float
    """Seconds on the monotonic clock: for the distance between two requests."""

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.host}{self.path}"

    @property
    def conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


class SampleWeb:
    """An async context manager. `day` and `broken` may be set at any time; everything else follows from the tables."""

    def __init__(self, scratch: Path, day: int = 1, http_port: int = 0, https_port: int = 0, *, age: int = 2022) -> None:
        """`scratch` takes the CA's certificate and the keys; ports of 0 mean free ones; `age` is the year of the platforms.

        Raises ValueError for a year that is not in `AGES`.
        """
        if age not in AGES:
            raise ValueError(f"{age} is none of the years {', '.join(map(str, AGES))}")
        self.day = day
        self.age = age
        self.broken: dict[str, Broken] = {}
        """Hosts that are broken, whole, and how; may be changed at any time."""
        self.moved: dict[str, str] = {}
        """Further hosts by name, each with the one that it answers for: where a platform has moved to."""
        self.http_port = http_port
        self.https_port = https_port
        self.requests: list[SeenRequest] = []
        self.tweets: tuple[Tweet, ...] = all_tweets(age)
        self._certificates = Certificates(scratch)
        self._hosts = Hosts(self.tweets, age)
        self._troubles = Troubles(self._hosts.by_key, troubles_of(age))
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def cacert(self) -> Path:
        """The throw-away CA as PEM: what to give to `--cacert`."""
        return self._certificates.cacert

    @property
    def connect_to(self) -> tuple[str, str]:
        """What sends every host here, in curl's form HOST:PORT:ADDR:PORT."""
        return f":443:{LOOPBACK}:{self.https_port}", f":80:{LOOPBACK}:{self.http_port}"

    @property
    def host_names(self) -> tuple[str, ...]:
        """All hosts that answer here."""
        return self._hosts.names

    @property
    def posts(self) -> tuple[Post, ...]:
        """The notebook's posts, newest first, of all days; `post.on(day)`."""
        return self._hosts.notebook_posts

    def tweet(self, key: str) -> Tweet:
        """A tweet by the name it has in the table: `izyum`."""
        return self._hosts.by_key[key]

    def other(self, key: str) -> OtherPost:
        """A post of another network by the name it has in the table: `boats`."""
        return self._hosts.others[key]

    def other_pages(self) -> tuple[tuple[str, OtherPost, str], ...]:
        """Page, post and form of every post of another network that the magazine embeds."""
        return self._hosts.other_pages()

    def embeddings(self, day: int | None = None) -> tuple[Embedding, ...]:
        """Which page shows which tweet, and how, on a day (by default today)."""
        return self._hosts.embeddings(self.day if day is None else day)

    def seen(self, host: str) -> list[SeenRequest]:
        """The requests to one host so far."""
        return [request for request in self.requests if request.host == host]

    def reset_counts(self) -> None:
        """Whatever goes wrong at the first request goes wrong again, and the log is empty."""
        self._troubles.counts.clear()
        self.requests.clear()

    async def __aenter__(self) -> "SampleWeb":
        plain, tls = partial(self._serve, secure=False), partial(self._serve, secure=True)
        context = self._certificates.server_context(lambda host: self.broken.get(host) is Broken.NO_TLS)
        self._servers = [
            await asyncio.start_server(plain, LOOPBACK, self.http_port, limit=MAX_HEAD_BYTES),
            await asyncio.start_server(tls, LOOPBACK, self.https_port, limit=MAX_HEAD_BYTES, ssl=context),
        ]
        self.http_port, self.https_port = (server.sockets[0].getsockname()[1] for server in self._servers)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        # Not `Server.wait_closed`: from Python 3.12 on it waits for clients that connected and then say nothing.
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, secure: bool) -> None:
        """One connection. A client that goes away in the middle is nothing to speak of."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while request := await read_request(reader, secure=secure):
                if self.broken.get(request.host) in HANGS_UP:
                    self._log(request, 0)
                    break
                raw, keep_alive, reply = self._answer(request)
                if reply.delay:
                    await asyncio.sleep(reply.delay)
                writer.write(raw)
                await writer.drain()
                for piece in streamed(request, reply):
                    writer.write(piece)
                    await writer.drain()  # no faster than the client takes it
                    await asyncio.sleep(0)  # and others have their turn, however fast that is
                if not keep_alive:
                    break
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    def _answer(self, request: Request) -> tuple[bytes, bool, Reply]:
        """Bytes, whether the connection stays, and the reply that they are of."""
        day = self.day
        if (mode := self.broken.get(request.host)) is not None:
            reply = broken_reply(mode, request)
        else:
            reply = self._troubles.touch(request, day, self._hosts.answer(self._as_known(request), day))
        raw, status, keep_alive = to_bytes(request, reply)
        self._log(request, status)
        return raw, keep_alive, reply

    def _as_known(self, request: Request) -> Request:
        return replace(request, host=self.moved.get(request.host, request.host))

    def _log(self, request: Request, status: int) -> None:
        self.requests.append(
            SeenRequest(
                host=request.host,
                path=request.target,
                headers=request.headers,
                day=self.day,
                method=request.method,
                status=status,
                secure=request.secure,
                at=asyncio.get_running_loop().time(),
            )
        )


@contextmanager
def running_sample_web(
    scratch: Path | None = None, day: int = 1, http_port: int = 0, https_port: int = 0, *, age: int = 2022
) -> Iterator[SampleWeb]:
    """The sample web in a thread with its own loop, for synchronous callers. Without `scratch` a temporary folder is used.

    `day` and `broken` may be set and the log be read from the calling thread at any time. Raises OSError where a given port is
    taken.
    """
    with tempfile.TemporaryDirectory(prefix="sampleweb-") as folder:
        web = SampleWeb(scratch or Path(folder), day, http_port, https_port, age=age)
        started, failures = threading.Event(), list[OSError]()
        loop = asyncio.new_event_loop()
        ended = asyncio.Event()

        async def serve() -> None:
            try:
                async with web:
                    started.set()
                    await ended.wait()
            except OSError as error:  # a port that is taken
                failures.append(error)
                started.set()

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())

        thread = threading.Thread(target=run, name="sample web", daemon=True)
        thread.start()
        try:
            started.wait()
            if failures:
                raise failures[0]
            yield web
        finally:
            if thread.is_alive():
                with suppress(RuntimeError):  # the loop may be closed already, where the port was taken
                    loop.call_soon_threadsafe(ended.set)
            thread.join()
