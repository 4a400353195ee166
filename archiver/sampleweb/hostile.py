"""trouble.example: pages made to hurt a browser, each at a path of its own.

`PAGES` (`data/trouble.toml`) has what is only markup; what needs an answer of its own is below. `/leaks` names who should hear
of a leak in its query: `/leaks?tcp=HOST:PORT&udp=HOST:PORT`, each as often as one likes, names or addresses.
"""

import json
import struct
import tomllib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import DATA

HOST = "trouble.example"
NEVER = 86_400.0  # seconds: longer than anybody waits
STREAM_BYTES = 4 << 30
PIECE = bytes(64 << 10)
PICTURES = 5_000
SCRIPT_TYPE = "application/javascript; charset=utf-8"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZE = 24  # pixels of a small picture's side


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the table."""

    heading: str
    body: str
    """Behind the heading, as it stands."""


@cache
def pages() -> dict[str, Page]:
    """By path (`data/trouble.toml`)."""
    table = tomllib.loads((DATA / "trouble.toml").read_text("utf-8"))
    return {path: Page(**row) for path, row in table.items()}


def paths() -> tuple[str, ...]:
    """All pages, in the order of the table; `/leaks` comes last."""
    return (*pages(), "/leaks")


def answer(request: Request) -> Reply:
    """Whatever is asked for, on any day."""
    path = request.path
    if (page := pages().get(path)) is not None:
        return _html(page.heading, page.body)
    name = path.split("/")[1]
    answered = _ANSWERS.get(name)
    return answered(request) if answered else Reply(404, b"<h1>No trouble here</h1>")


def _html(heading: str, body: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(heading)}</title></head>\n'
        f"<body>\n<h1>{escape(heading)}</h1>\n{body}\n</body></html>\n"
    )
    return Reply(body=page.encode(), headers=headers)


def _index(_request: Request) -> Reply:
    items = "\n".join(f'<li><a href="{path}">{path[1:]}</a></li>' for path in paths())
    return _html("Trouble", f"<ul>\n{items}\n</ul>")


def _robots(_request: Request) -> Reply:
    return Reply(body=b"User-agent: *\nDisallow:\n", content_type="text/plain")


# --- pages that are made ----------------------------------------------------------------------------------------------------


def _pictures(request: Request) -> Reply:
    """`/pictures`: 5,000 small pictures, none like another; `/pictures/17.png` is one of them."""
    number = request.path.removeprefix("/pictures").strip("/").removesuffix(".png")
    if not number:
        shown = "".join(f'<img src="/pictures/{each}.png" width="{_SIZE}" height="{_SIZE}" alt="">' for each in range(PICTURES))
        return _html("Five thousand pictures", shown)
    if not (number.isascii() and number.isdigit() and int(number) < PICTURES):
        return Reply(404)
    return Reply(body=small_picture(int(number)), content_type="image/png")


def small_picture(number: int) -> bytes:
    """A PNG of one colour, which no other number has."""
    row = b"\0" + struct.pack(">I", 0x204060 + number * 977)[1:] * _SIZE
    parts = (_png_header(_SIZE, _SIZE), _chunk(b"IDAT", zlib.compress(row * _SIZE)), _chunk(b"IEND", b""))
    return b"".join(parts)


def _png_header(width: int, height: int) -> bytes:
    return _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _redirects(request: Request) -> Reply:
    """Each leads to the next, and there is always one."""
    number = request.query("n") or ""
    following = int(number) + 1 if number.isascii() and number.isdigit() and len(number) < 9 else 1
    return Reply(302, b"<h1>Further on</h1>", headers=(("Location", f"/redirects?n={following}"),))


def _stream(request: Request) -> Reply:
    """`/stream/picture.png` and `/stream/body`: four gigabytes, made as they go."""
    picture = request.path.endswith(".png")
    beginning = _png_header(4000, 4000) + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" if picture else b""
    kind = "image/png" if picture else "application/octet-stream"
    return Reply(content_type=kind, headers=(("Access-Control-Allow-Origin", "*"),), stream=lambda: _pieces(beginning))


def _pieces(beginning: bytes) -> Iterator[bytes]:
    if beginning:
        yield beginning
    for _ in range(STREAM_BYTES // len(PIECE)):
        yield PIECE


def _slow(_request: Request) -> Reply:
    """`/slow/script.js`: no answer."""
    return Reply(body=b"", content_type=SCRIPT_TYPE, delay=NEVER)


def _download(_request: Request) -> Reply:
    """`/download/file.zip`"""
    disposition = ("Content-Disposition", 'attachment; filename="report.zip"')
    return Reply(body=b"PK\x05\x06" + bytes(18), content_type="application/zip", headers=(disposition,))


def _deep(request: Request) -> Reply:
    """A page that holds itself twice, and so on. The number makes each an address of its own: browsers stop at their own."""
    number = request.query("n") or "0"
    depth = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
    frames = "".join(f'<iframe src="/deep?n={depth + 1}&amp;side={side}" width="400" height="300"></iframe>' for side in "lr")
    return _html(f"Frames within frames, {depth} deep", frames)


def _workers(_request: Request) -> Reply:
    """`/workers/worker.js`: a worker that makes two more."""
    script = b'for (let n = 0; n < 2; n++) new Worker("/workers/worker.js?" + Math.random()); setInterval(() => {}, 1);\n'
    return Reply(body=script, content_type=SCRIPT_TYPE)


# --- leaks ------------------------------------------------------------------------------------------------------------------


def _leaks(request: Request) -> Reply:
    """`/leaks`, and the scripts of its workers below it. All of them know their targets from their own query."""
    if request.path in _LEAKING_SCRIPTS:
        script = (DATA / _LEAKING_SCRIPTS[request.path]).read_bytes()
        return Reply(body=script, content_type=SCRIPT_TYPE, headers=(("Service-Worker-Allowed", "/"),))
    if request.path != "/leaks":
        return Reply(404)
    asked = parse_qs(urlsplit(request.target).query)
    targets = asked.get("tcp", [])
    markup = Template((DATA / "leaks_target.html").read_text("utf-8"))
    marked = "\n".join(markup.substitute(at=escape(quote(target, safe=":[]."))) for target in targets)
    rules = json.dumps({kind: [{"source": "list", "urls": _all(targets, kind)}] for kind in ("prefetch", "prerender")})
    body = f'{marked}\n<script type="speculationrules">{rules}</script>\n<script src="/leaks/page.js"></script>'
    return _html("Leaks", body, _leaking_headers(targets))


_LEAKING_SCRIPTS = {"/leaks/page.js": "leaks.js", "/leaks/worker.js": "leaks_worker.js", "/leaks/service.js": "leaks_worker.js"}


def _all(targets: list[str], name: str) -> list[str]:
    return [f"{scheme}://{quote(target, safe=':[].')}/{name}" for target in targets for scheme in ("http", "https")]


def _leaking_headers(targets: list[str]) -> tuple[tuple[str, str], ...]:
    """What a browser does because a header says so, and not the page."""
    places = _all(targets, "header")
    if not places:
        return ()
    links = ", ".join(f"<{place}>; rel={kind}" for place in places for kind in ("preconnect", "dns-prefetch", "prefetch"))
    endpoints = json.dumps({"group": "default", "max_age": 3600, "endpoints": [{"url": place} for place in places]})
    return (
        ("Link", links),
        ("Report-To", endpoints),
        ("Reporting-Endpoints", ", ".join(f'e{number}="{place}"' for number, place in enumerate(places))),
        ("NEL", '{"report_to":"default","max_age":3600,"success_fraction":1.0}'),
        ("Content-Security-Policy-Report-Only", f"img-src 'none'; report-to default; report-uri {' '.join(places)}"),
    )


_ANSWERS: dict[str, Callable[[Request], Reply]] = {
    "": _index,
    "robots.txt": _robots,
    "pictures": _pictures,
    "redirects": _redirects,
    "stream": _stream,
    "slow": _slow,
    "download": _download,
    "deep": _deep,
    "workers": _workers,
    "leaks": _leaks,
}
