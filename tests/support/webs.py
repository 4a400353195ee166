"""Small webs for tests: any host names on loopback, over http and https, each answer written out where it is needed."""

import asyncio
import inspect
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archiver.sampleweb.certificates import Certificates

MAX_HEAD_BYTES = 64 << 10
Writer = asyncio.StreamWriter


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it."""

    host: str
    path: str
    """With the query."""
    headers: dict[str, str]
    """Names in lower case."""
    at: float
    """Seconds on the monotonic clock."""
    secure: bool
    method: str = "GET"
    body: bytes = b""

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.host}{self.path}"


Answer = bytes | Callable[[Asked], bytes] | Callable[[Asked, Writer], Awaitable[None]]
"""A whole response; or what makes one; or what writes to the connection, which is closed afterwards."""


class Web:
    """Hosts and what they answer: `web["blog.example", "/"] = page("…")`. A path that is not there is a 404, a host a reset."""

    def __init__(self, folder: Path) -> None:
        self._certificates = Certificates(folder)
        self._answers: dict[tuple[str, str], Answer] = {}
        self.asked: list[Asked] = []
        self.http_port = self.https_port = 0

    def __setitem__(self, place: tuple[str, str], answer: Answer) -> None:
        self._answers[place] = answer

    @property
    def cacert(self) -> Path:
        return self._certificates.cacert

    @property
    def connect_to(self) -> tuple[str, ...]:
        """Sends the hosts of this web here, and no others."""
        hosts = sorted({host for host, _ in self._answers})
        ports = ((443, self.https_port), (80, self.http_port))
        return tuple(f"{host}:{port}:127.0.0.1:{real}" for host in hosts for port, real in ports)

    def urls(self, host: str = "") -> list[str]:
        """What was asked, in order."""
        return [each.url for each in self.asked if host in ("", each.host)]

    def times(self, url: str) -> list[float]:
        return [each.at for each in self.asked if each.url == url]

    async def serve(self, reader: asyncio.StreamReader, writer: Writer, secure: bool) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._exchange(reader, writer, secure):
                pass
        writer.transport.abort()

    def context(self) -> ssl.SSLContext:
        return self._certificates.server_context()

    async def _exchange(self, reader: asyncio.StreamReader, writer: Writer, secure: bool) -> bool:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        host, path = headers.get("host", "").split(":")[0], lines[0].split(" ")[1]
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(host, path, headers, asyncio.get_running_loop().time(), secure, lines[0].split(" ")[0], body)
        self.asked.append(asked)
        answer = self._answers.get((host, path), NOT_FOUND)
        if callable(answer) and len(inspect.signature(answer).parameters) == 2:
            await answer(asked, writer)  # type: ignore[call-arg, misc]  # the number of parameters has just told
            await writer.drain()
            return False
        response = answer(asked) if callable(answer) else answer  # type: ignore[call-arg]
        assert isinstance(response, bytes)
        writer.write(response)
        await writer.drain()
        return b"\r\nConnection: close" not in response


def reply(body: bytes | str = b"", kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> bytes:
    """A response. `retry_after="1"` becomes `Retry-After: 1`."""
    raw = body.encode() if isinstance(body, str) else body
    extra = "".join(f"{name.replace('_', '-').title()}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{extra}\r\n".encode() + raw


def page(*parts: str, title: str = "A page") -> bytes:
    """An HTML page whose paragraphs are these; a part that begins with http or / becomes a link."""
    shown = (f'<a href="{part}">link</a>' if part.startswith(("http", "/")) else f"<p>{part}</p>" for part in parts)
    return reply(f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{''.join(shown)}</body></html>")


def redirect(target: str, status: str = "301 Moved Permanently") -> bytes:
    return reply(status=status, location=target)


def sitemap(*urls: str) -> bytes:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return reply(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>', "application/xml")


def in_turn(*answers: bytes) -> Callable[[Asked], bytes]:
    """One answer after the other; the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


NOT_FOUND = reply("<h1>Not Found</h1>", status="404 Not Found")


@contextmanager
def running_web(folder: Path) -> Iterator[Web]:
    """A web in a thread with its own event loop."""
    web = Web(folder)
    started, ended, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: Writer, secure: bool) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            await web.serve(reader, writer, secure)
            tasks.discard(task)

        plain = await asyncio.start_server(partial(connected, secure=False), "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
        secured = partial(connected, secure=True)
        tls = await asyncio.start_server(secured, "127.0.0.1", 0, limit=MAX_HEAD_BYTES, ssl=web.context())
        web.http_port, web.https_port = (server.sockets[0].getsockname()[1] for server in (plain, tls))
        started.set()
        await ended.wait()
        plain.close()
        tls.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # so that the aborted transports are closed before the loop is

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="small web", daemon=True)
    thread.start()
    try:
        started.wait()
        yield web
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
