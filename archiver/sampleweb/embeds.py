"""The pages that other networks make for frames, the scripts that put these into pages, and the wall that one has before them."""

from collections.abc import Iterable
from functools import cache
from html import escape
from string import Template
from urllib.parse import quote, unquote

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import Network, OtherPost
from archiver.sampleweb.tweets import DATA, State

HTML_TYPE = "text/html; charset=utf-8"
SCRIPT_TYPE = "application/javascript; charset=utf-8"


class EmbedPages:
    """Answers what stands in the networks' `frame` tables, and nothing else."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        self._posts = tuple(posts)
        self._networks = {post.network.name: post.network for post in self._posts}
        self._scripts = {each.frame.script: each for each in self._networks.values() if each.frame.script}
        self._addresses = {place: post for post in self._posts for place in map(post.fill, post.network.frame.at)}
        self._walls = {f"{host}{each.frame.wall}": each for each in self._networks.values() for host in each.hosts}

    @property
    def hosts(self) -> set[str]:
        """Whose pages and scripts these are; some of them answer other things as well."""
        return {place.partition("/")[0] for place in (*self._addresses, *self._scripts)}

    def answer(self, request: Request, day: int) -> Reply | None:
        """None where no page for frames and no script was asked for."""
        if (network := self._scripts.get(f"{request.host}{request.path}")) is not None:
            return _scripted(network)
        if (network := self._walls.get(f"{request.host}{request.path}")) is not None:
            return Reply(body=_filled("login.html", title=network.frame.title, colour=network.frame.colour))
        asked = f"{request.host}{unquote(request.target)}"
        if (walled := self._behind_wall(asked, day)) is not None:
            return walled
        post = next((post for place, post in self._addresses.items() if asked.startswith(place)), None)
        if post is None:
            return self._unknown(asked)
        return frame_page(post) if post.state_on(day) is State.LIVE else gone_page(post.network)

    def _behind_wall(self, asked: str, day: int) -> Reply | None:
        for post in self._posts:
            network, frame = post.network, post.network.frame
            page = f"{network.hosts[0]}{post.fill(network.asked)}"
            if frame.wall is not None and day in frame.wall_days and asked.startswith(page):
                following = quote(asked.partition("/")[2].partition("?")[0], safe="")
                return Reply(302, headers=(("Location", f"https://{network.hosts[0]}{frame.wall}?next=%2F{following}"),))
        return None

    def _unknown(self, asked: str) -> Reply | None:
        """What a network says of a post that never was: the same as of one that is gone."""
        for network in self._networks.values():
            places = [place.partition("$")[0] for place in network.frame.at]  # some hosts are named after authors
            if any(place and asked.startswith(place) for place in places):
                return gone_page(network)
        return None


def frame_page(post: OtherPost, more: str = "") -> Reply:
    """The page that shows a post by itself; `more` is markup that stands behind its pictures."""
    pictures = "\n".join(f'<img src="{escape(each.url)}" alt="{escape(each.alt)}">' for each in post.pictures) + more
    values = {name: escape(value) for name, value in post.values.items()} | {"pictures": pictures, "url": escape(post.url)}
    return Reply(body=_filled("embed.html", **(_look(post.network) | values)), content_type=HTML_TYPE, compress=True)


def gone_page(network: Network, words: str | None = None, status: int | None = None, more: str = "") -> Reply:
    """What stands there instead: by default what the network says of a post that is gone; `more` is markup behind the words."""
    shown = escape(network.frame.gone if words is None else words) + more
    page = _filled("embed_gone.html", **_look(network), words=shown)
    return Reply(network.frame.status if status is None else status, page, HTML_TYPE, compress=True)


def _look(network: Network) -> dict[str, str]:
    return {"network": escape(network.frame.title), "colour": network.frame.colour}


def _scripted(network: Network) -> Reply:
    frame = network.frame
    script = _filled("embed.js", boxes=frame.boxes, source=frame.source or "null", network=frame.title)
    return Reply(body=script, content_type=SCRIPT_TYPE, headers=(("access-control-allow-origin", "*"),), etag=True, compress=True)


@cache
def _template(name: str) -> Template:
    return Template((DATA / name).read_text("utf-8"))


def _filled(file: str, /, **values: str) -> bytes:
    return _template(file).substitute(values).encode()
