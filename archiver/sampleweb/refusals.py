"""refusals.example: a page of posts that are there and are not shown to us, and players that say so, each in its own words."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import unquote, urlsplit

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import DATA

HOST = "refusals.example"
PAGE_URL = f"https://{HOST}/"
_STYLE = "margin:0;background:#000;color:#fff;height:300px;font:18px sans-serif"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A post, and the frame that does not show it (`data/refusals.toml`)."""

    frame: str
    """The URL in its embed code."""
    title: str
    lines: tuple[str, ...]
    """What the frame shows."""
    plays: tuple[str, ...] = ()
    """What it shows to who comes with a Referer, where that makes a difference."""

    @property
    def code(self) -> str:
        """The post's own code, which a request about it has in its target: the longest word of the frame's URL with a digit."""
        words: list[str] = re.findall(r"\w*\d\w*", unquote(self.frame))
        return max(words, key=len)


@cache
def refusals() -> dict[str, Refusal]:
    """By name, in the order of the page."""
    table = tomllib.loads((DATA / "refusals.toml").read_text("utf-8"))
    return {
        name: Refusal(row["frame"], row["title"], tuple(row["lines"]), tuple(row.get("plays", ()))) for name, row in table.items()
    }


def hosts() -> tuple[str, ...]:
    """All that answer here; some of them answer other things as well."""
    return (HOST, *dict.fromkeys(urlsplit(one.frame).netloc for one in refusals().values()))


def answer(request: Request) -> Reply | None:
    """None for what is none of these posts."""
    if request.host == HOST:
        return _page() if request.path == "/" else Reply(404)
    asked = next((one for one in refusals().values() if one.code in request.target), None)
    if asked is None:
        return None
    if "oembed" in request.path:  # where a network has such a reply, the post is there
        stated = {"type": "video", "version": "1.0", "title": asked.title, "author_name": "Harbour"}
        return Reply(body=json.dumps(stated).encode(), content_type="application/json; charset=utf-8")
    if request.host not in hosts() or not request.path.startswith(urlsplit(asked.frame).path):
        return None
    lines = asked.plays if asked.plays and request.headers.get("referer") else asked.lines
    return Reply(body=f'<body style="{_STYLE}">{"".join(f"<div>{escape(line)}</div>" for line in lines)}'.encode())


def _page() -> Reply:
    """One paragraph and one frame each; the frames say nothing of their posts, as most embed codes do not."""
    parts = (
        f'<p>{name}:</p><iframe src="{escape(one.frame)}" width="560" height="300" style="border:0"></iframe>'
        for name, one in refusals().items()
    )
    return Reply(body=f"<!DOCTYPE html><title>What is not shown</title><h1>What is not shown</h1>{''.join(parts)}".encode())
