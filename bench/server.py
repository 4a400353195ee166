"""The fast local server of the crawl benchmark: answers from memory, plain HTTP/1.1 with keep-alive, one process of its own.

`python -m bench.server CACHE_DIR` prints its address as one line, then serves until its standard input closes.
"""

import asyncio
import sys
from pathlib import Path

from bench import blobs, pages, site

Answers = dict[bytes, tuple[bytes, bytes | memoryview]]


def answer(content_type: str, body: bytes | memoryview, status: str = "200 OK") -> tuple[bytes, bytes | memoryview]:
    head = (
        f"HTTP/1.1 {status}\r\nServer: bench\r\nDate: Sat, 10 Sep 2022 12:00:00 GMT\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nLast-Modified: Sat, 10 Sep 2022 11:00:00 GMT\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode(), body


def all_answers(cache_dir: Path, base: str) -> Answers:
    """Path -> head and body. The pages name the site's address, which is known only now."""

    def here(body: bytes | memoryview) -> bytes:
        return bytes(body).replace(site.BASE.encode(), base.encode())

    html = "text/html; charset=UTF-8"
    answers: Answers = {
        b"/": answer(html, here(pages.index_page())),
        b"/sitemap.xml": answer("application/xml", here(pages.sitemap())),
        b"/robots.txt": answer("text/plain", here(pages.robots())),
        b"/style.css": answer("text/css", b"body { margin: 0 }\n"),
        b"/app.js": answer("text/javascript", b"document.body.dataset.ready = 1\n"),
    }
    for tag in site.TAGS:
        answers[f"/tag/{tag}/".encode()] = answer(html, here(pages.tag_page(tag)))
    for number, body in enumerate(blobs.bodies(cache_dir, "pages")):
        answers[site.page_path(number).encode()] = answer(html, here(body))
    for number, body in enumerate(blobs.bodies(cache_dir, "pictures")):
        answers[site.picture_path(number).encode()] = answer("image/jpeg", body)
    return answers


class Connection(asyncio.Protocol):
    """One client: requests without bodies, in a row, answered in order."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        *requests, self.received = (self.received + data).split(b"\r\n\r\n")
        for request in requests:
            method, target, _ = request.split(b" ", 2)
            head, body = self.answers.get(target) or answer("text/plain", b"not here\n", "404 Not Found")
            self.transport.writelines((head,) if method == b"HEAD" else (head, body))


async def serve(cache_dir: Path) -> None:
    loop = asyncio.get_running_loop()
    answers: Answers = {}
    server = await loop.create_server(lambda: Connection(answers), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    answers.update(all_answers(cache_dir, base))
    print(base, flush=True)
    closed = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), closed.set)
    await closed.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
