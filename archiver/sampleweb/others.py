"""Posts of other networks than Twitter: what is true of each on which day, and the templates of pages and replies."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from string import Template
from typing import Any

from archiver.sampleweb.tweets import DATA, State


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as a reply of the network names it."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a network answers for a post that it does not show."""

    status: int
    type: str
    body: str
    """A template."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a network shows in frames, and the script that puts them into pages."""

    title: str
    """The network as its readers call it."""
    colour: str
    """Of the bar above a post, as CSS writes it."""
    at: tuple[str, ...] = ()
    """What the addresses of a post's page for frames begin with, without scheme: templates. None: `Network.page` is that page."""
    status: int = 200
    """Of the page of a post that is not shown."""
    gone: str = ""
    """What stands there instead."""
    script: str | None = None
    """The address of the script, without scheme and query."""
    boxes: str = ""
    """What the script makes frames of: a CSS selector."""
    source: str = ""
    """The frame's address, an expression of JavaScript over `box`; none for boxes that are frames already."""
    wall: str | None = None
    """The path of a form to log in, where strangers are sent on `wall_days`: for a while, as happens to those who ask often."""
    wall_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """One social network, as `data/others.toml` tells it. Templates are filled in with `OtherPost.values`."""

    name: str
    hosts: tuple[str, ...]
    """Who answers for its posts."""
    asked: str
    """What the path of a request for a reply begins with; a template."""
    url: str
    """Of a post; a template."""
    forms: Mapping[str, str]
    """How pages carry a post, by name: templates. `code` is what an oEmbed reply gives."""
    frame: Frame
    refusals: Mapping[str, Refusal]
    """By state; `unknown` for a post that never was, else it is like one that is deleted."""
    oembed: Mapping[str, Any] = field(default_factory=dict)
    """The fields of an oEmbed reply; texts are templates."""
    page: str | None = None
    """The file with its page for frames; a template."""
    short_host: str | None = None
    """Who redirects from short links."""


@dataclass(frozen=True, slots=True)
class OtherPost:
    """One post of a network."""

    key: str
    """How pages and tests call it: `boats`."""
    network: Network
    id: str
    """As the archive should call it, where the network has but one name for a post."""
    handle: str
    name: str
    posted_at: datetime
    text: str
    pictures: tuple[ShownPicture, ...] = ()
    also: tuple[str, ...] = ()
    """Other addresses under which its pictures lie: larger and smaller ones."""
    quotes: str | None = None
    """The key of the post that it quotes."""
    changed_on: int | None = None
    """From this day on it is in the state `becomes`; its pictures stay."""
    becomes: State = State.LIVE
    more: Mapping[str, str] = field(default_factory=dict)
    """What only its network has, for templates."""

    @property
    def url(self) -> str:
        return self.fill(self.network.url)

    @property
    def names(self) -> tuple[str, ...]:
        """What a request about it may have in its address: its id, the code of its short address, its title for addresses."""
        return (self.id, *(self.more[name] for name in ("short", "slug") if name in self.more))

    def state_on(self, day: int) -> State:
        return self.becomes if self.changed_on is not None and day >= self.changed_on else State.LIVE

    def html(self, form: str) -> str:
        """The post in a page."""
        return self.fill(self.network.forms[form], html=True)

    def fill(self, template: str, *, html: bool = False) -> str:
        """Raises KeyError for a name that no value has."""
        values = self.values | {"url": Template(self.network.url).substitute(self.values)}
        return Template(template).substitute({name: escape(value) for name, value in values.items()} if html else values)

    @property
    def values(self) -> dict[str, str]:
        return {
            "id": self.id,
            "handle": self.handle,
            "name": self.name,
            "text": self.text,
            "date": f"{self.posted_at:%B} {self.posted_at.day}, {self.posted_at.year}",
            "weekday": f"{self.posted_at:%A}, {self.posted_at.day} {self.posted_at:%B %Y}",
            "iso": self.posted_at.isoformat(),
            "spaced": f"{self.posted_at:%Y-%m-%d %H:%M:%S}",
            "seconds": str(int(self.posted_at.timestamp())),
            "picture": self.pictures[0].url if self.pictures else "",
            "alt": self.pictures[0].alt if self.pictures else "",
            **self.more,
        }


@cache
def other_posts(age: int = 2022) -> tuple[OtherPost, ...]:
    """The whole table (`data/others.toml`), in its order. In 2026 that of `data/others_2026.toml` follows, whose networks add to
    those of the same name in the first."""
    tables = [_table("others.toml")] + ([_table("others_2026.toml")] if age >= 2026 else [])
    rows: dict[str, dict[str, Any]] = {}
    for table in tables:
        for name, row in table["network"].items():
            rows[name] = _merged(rows.get(name, {}), row)
    networks = {name: _network(name, row) for name, row in rows.items()}
    return tuple(_post(row, networks) for table in tables for row in table["post"])


@cache
def control_posts(age: int = 2022) -> tuple[OtherPost, ...]:
    """Those that a probe asks for (`data/control.toml`). No page embeds them, and they are in no other table."""
    networks = {post.network.name: post.network for post in other_posts(age)}
    return tuple(_post(row, networks) for row in _table("control.toml")["post"])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"))


def _merged(row: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """A table row, with another one's values in place of its own; the tables in it as well."""
    return row | {
        name: _merged(row.get(name, {}), value) if isinstance(value, dict) and name != "oembed" else value
        for name, value in more.items()
    }


def _network(name: str, row: dict[str, Any]) -> Network:
    """A table row; a key that is no field of `Network` raises TypeError, as in all tables here."""
    rest = {key: value for key, value in row.items() if key not in ("hosts", "refusals", "frame")}
    framed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row["frame"].items()}
    refusals = {state: Refusal(**refusal) for state, refusal in row["refusals"].items()}
    return Network(name, hosts=tuple(row["hosts"]), frame=Frame(**framed), refusals=refusals, **rest)


def _post(row: dict[str, Any], networks: Mapping[str, Network]) -> OtherPost:
    plain = {key: value for key, value in row.items() if key not in ("network", "pictures", "also", "change")}
    change = row.get("change")
    return OtherPost(
        network=networks[row["network"]],
        pictures=tuple(ShownPicture(**each) for each in row.get("pictures", ())),
        also=tuple(row.get("also", ())),
        changed_on=change["day"] if change else None,
        becomes=State(change["state"]) if change else State.LIVE,
        **plain,
    )


def page_of(post: OtherPost) -> str:
    """The page for frames, of a network that has one."""
    return post.fill((DATA / (post.network.page or "")).read_text("utf-8"), html=True)


def oembed_of(post: OtherPost) -> str:
    """The oEmbed reply: JSON."""
    fields = {name: post.fill(value) if isinstance(value, str) else value for name, value in post.network.oembed.items()}
    return json.dumps(fields | ({"html": post.html("code")} if fields["type"] != "photo" else {}))
