"""A Mastodon server and pages that embed its posts, for crawls that draw; and the processes that such a crawl starts."""

import json
import os
import time
from pathlib import Path
from typing import Any

from tests.support.crawling import Served, rows
from tests.support.program import pointed_at
from tests.support.webs import Answer, Web, reply

BLOG = "https://blog.example"
SERVER = "social.example"
FILES = "files.social.example"
NUMBERS = ("111213356862010785", "111213356862010786", "111213356862010787", "111213356862010788")
PROCESS_SECONDS = 60.0  # until processes that were told to end have ended, on a busy machine


def post_id(number: str) -> str:
    return f"{SERVER}/{number}"


def api(number: str) -> str:
    return f"/api/v1/statuses/{number}"


def embed_page(number: str) -> str:
    return f"https://{SERVER}/@lena/{number}/embed"


def words(number: str) -> str:
    return f"The harbour is open again, says notice {number[-3:]}"


def status(number: str, **more: Any) -> bytes:
    """What the server's API says of a post."""
    said = {
        "id": number,
        "created_at": "2023-10-10T23:39:13.289Z",
        "language": "en",
        "spoiler_text": "",
        "content": f"<p>{words(number)}</p>",
        "account": {"username": "lena", "acct": "lena", "display_name": "Lena K."},
        "media_attachments": [],
        "card": None,
        "in_reply_to_id": None,
        "reblog": None,
        **more,
    }
    return reply(json.dumps(said), "application/json", access_control_allow_origin="*")


def picture_of(number: str) -> dict[str, Any]:
    path = f"https://{FILES}/media_attachments/files/111/213/356"
    return {"media_attachments": [{"id": "1", "type": "image", "url": f"{path}/original/{number}.png"}]}


def shown(*parts: str, head: str = "") -> bytes:
    """A page with enough on it that its screenshot is not blank."""
    colours = "".join(f'<div style="height:90px;background:{colour}"></div>' for colour in ("teal", "gold", "navy"))
    return reply(
        f"<!DOCTYPE html><html><head><title>A page</title>{head}</head><body><h1>What the harbour says</h1>"
        f"{''.join(f'<div>{part}</div>' for part in parts)}{colours}</body></html>"
    )


def embedding(*numbers: str, more: str = "", head: str = "") -> bytes:
    """A page with the posts in frames, as Mastodon tells people to embed them."""
    frames = (f'<iframe class="mastodon-embed" src="{embed_page(each)}" width="500" height="300"></iframe>' for each in numbers)
    return shown(*frames, more, head=head)


def add_post(web: Web, number: str, answer: Answer | None = None) -> None:
    """Its words by the API, and the page for frames."""
    web[SERVER, api(number)] = answer or status(number)
    web[SERVER, f"/@lena/{number}/embed"] = shown(f"<p>{words(number)}</p>")


def drawn_at(web: Served) -> list[str]:
    """The options that send a crawl to a web on loopback, and let it draw."""
    return [word for word in pointed_at(web) if word != "--no-screenshots"]


def drawn(data_dir: Path) -> list[str]:
    """The pages of all renders, in alphabetical order; one that was drawn twice stands there twice."""
    return rows(data_dir, "SELECT url FROM renders ORDER BY url")


def started_by(pid: int) -> set[tuple[int, str]]:
    """All that a process has started, and what those have started: each with when, because ids are given away again."""
    parents = {each: int(stat[1]) for each, stat in _stats().items()}
    found, last = {pid}, 0
    while len(found) > last:
        last = len(found)
        found |= {each for each, parent in parents.items() if parent in found}
    stats = _stats()
    return {(each, stats[each][19]) for each in found - {pid} if each in stats}


def assert_ended(processes: set[tuple[int, str]]) -> None:
    """Soon none of them runs."""
    deadline = time.monotonic() + PROCESS_SECONDS
    while left := processes & {(pid, stat[19]) for pid, stat in _stats().items() if stat[0] != "Z"}:
        assert time.monotonic() < deadline, [Path(f"/proc/{pid}/cmdline").read_bytes()[:200] for pid, _ in left]
        time.sleep(0.05)


def _stats() -> dict[int, list[str]]:
    """The fields of proc(5)'s `stat`, from the third on."""
    found = {}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):  # noqa: PTH208  a folder of names
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        found[pid] = text.rpartition(")")[2].split()
    return found
