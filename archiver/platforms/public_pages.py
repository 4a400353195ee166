"""Posts' own pages, as any reader gets them, for what they tell search engines and previews: above all when a post was made.

Open Graph (ogp.me), microdata and JSON-LD (schema.org), a `time` for readers without scripts, and the data that a page's own
script reads. Whether strangers still get these pages nobody here has seen, and each is large beside an oEmbed reply: the doors
to them are off until archiver.toml switches them on.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser

from archiver.model.findings import Findings, MediaKind, PostState, Source, Statement
from archiver.platforms.base import Door, Platform, PostRequest
from archiver.platforms.replies import (
    MAX_BODY,
    Json,
    distinct_media,
    findings_of_status,
    media_ref,
    meta_content,
    objects_at,
    page_tree,
    shown_text,
    text_at,
    time_of_text,
)
from archiver.text import json_loads, unescaped_line

MAX_NODES = 20  # of one kind in a page, and objects in each script, that are looked at
MAX_TEXT = 10_000  # characters of a post's words
MAX_NAME = 300  # characters of an author's name
MAX_VALUES = 50_000  # of a script's data that are looked through

# Kinds of things that are a post, or its page (schema.org); a breadcrumb, a company or a comment is none.
_POSTS = frozenset(
    (
        *("VideoObject", "AudioObject", "ImageObject", "Photograph", "MediaObject", "MusicRecording", "MusicPlaylist"),
        *("PodcastEpisode", "Episode", "SocialMediaPosting", "BlogPosting", "DiscussionForumPosting"),
        *("Article", "NewsArticle", "ImageGallery", "WebPage", "CreativeWork"),
    )
)
_TIMES = ("datePublished", "uploadDate", "dateCreated")


def page_door(as_of: str, source: str, why: str = "") -> Door:
    """The door to posts' own pages; `why` says what speaks against it, where that differs."""
    usual = "says when it was posted; whether it answers strangers today was not seen, and it weighs up to a megabyte"
    return Door("page", as_of, source, on=False, why=why or usual)


def page_request(url: str) -> PostRequest:
    """The request for a post's own page."""
    return PostRequest(url, "page")


def read_public_page(
    platform: Platform,
    post_id: str,
    url: str,
    status: int,
    body: bytes,
    *,
    named: Callable[[str], str | None] | None = None,
    titled: bool = True,
    picture: MediaKind | None = MediaKind.POSTER,
) -> Findings:
    """What the page of a post says of it. Nothing from a page that does not name the post as its own: a consent wall, a home.

    `named` gives the post id that an address names, where `platform.parse_url` does not. `titled`: whether `og:title` has the
    post's words, and not its site's name. `picture` is what `og:image` shows; None where that may be anything.
    """
    if (verdict := findings_of_status(platform, post_id, status)) is not None:
        return verdict
    tree = page_tree(url, body)
    if {name for address in _own_addresses(tree) if (name := (named or platform.parse_url)(address)) is not None} != {post_id}:
        return Findings()
    data = next(_posts_in(tree), {})
    text = unescaped_line(_words(data) or (meta_content(tree, "og:title") if titled else None), MAX_TEXT)
    posted_at = _published_at(tree, data)
    if not (text or posted_at):
        return Findings()
    handle, name = _author(platform, tree, data)
    shown = meta_content(tree, "og:image") if picture is not None else None
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=handle,
        author_name=name,
        text=text,
        posted_at=posted_at,
        media=distinct_media([media_ref(url, shown, platform.media_key(shown or ""), picture)]) if picture is not None else (),
    )
    return Findings(statements=(statement,))


def _own_addresses(tree: LexborHTMLParser) -> Iterator[str]:
    """What the page calls its own address."""
    if (address := meta_content(tree, "og:url")) is not None:
        yield address
    for link in tree.css("link[rel='canonical']")[:MAX_NODES]:
        yield link.attributes.get("href") or ""


def _posts_in(tree: LexborHTMLParser) -> Iterator[Json]:
    """The objects of a page's JSON-LD that may be its post, those with a time first."""
    found = []
    for script in tree.css("script[type='application/ld+json']")[:MAX_NODES]:
        data = _value_in(script.text(deep=True) or "")
        for one in data[:MAX_NODES] if isinstance(data, list) else [data]:
            found += [each for each in (one, *objects_at(one, "@graph")[:MAX_NODES]) if isinstance(each, dict)]
    posts = [one for one in found if _kinds(one) is None or not _POSTS.isdisjoint(_kinds(one) or ())]
    yield from sorted(posts, key=lambda one: (_time_in(one) is None, "WebPage" in (_kinds(one) or ())))


def _kinds(data: Json) -> list[str] | None:
    """`VideoObject`, of `http://schema.org/VideoObject` as well; None where it does not say."""
    written = data.get("@type")
    kinds = written[:MAX_NODES] if isinstance(written, list) else [written]
    return [kind.rpartition("/")[2] for kind in kinds if isinstance(kind, str)] or None


def _time_in(data: Json) -> str | None:
    return next((time for name in _TIMES if (time := time_of_text(data.get(name))) is not None), None)


def _words(data: Json) -> str | None:
    body = text_at(data, "articleBody") if "SocialMediaPosting" in (_kinds(data) or ()) else None
    return body or text_at(data, "headline") or text_at(data, "name")


def _author(platform: Platform, tree: LexborHTMLParser, data: Json) -> tuple[str | None, str | None]:
    """(handle, name), each None where the page does not say."""
    written = data.get("author") or data.get("creator")
    first = next(iter(written), None) if isinstance(written, list) else written
    name = first if isinstance(first, str) else text_at(first, "name")
    handle = platform.author_in(text_at(first, "url") or "")
    if name is None and (node := tree.css_first("[itemprop='author'] [itemprop='name']")) is not None:
        name = (node.attributes.get("content") or "").strip() or shown_text(node)
    if name is None and (node := tree.css_first("meta[name='author']")) is not None:
        name = node.attributes.get("content")
    return handle, unescaped_line(name, MAX_NAME)


def _published_at(tree: LexborHTMLParser, data: Json) -> str | None:
    """ISO 8601, UTC, from microdata, JSON-LD, Open Graph, or a `time` that says so."""
    for node in tree.css("meta[itemprop='datePublished'], meta[itemprop='uploadDate']")[:MAX_NODES]:
        if (found := time_of_text(node.attributes.get("content"))) is not None:
            return found
    if (found := _time_in(data) or time_of_text(meta_content(tree, "article:published_time"))) is not None:
        return found
    # A `noscript` is text to a parser that knows of scripts.
    inside = [LexborHTMLParser(node.inner_html[:MAX_BODY]) for node in tree.css("noscript")[:MAX_NODES] if node.inner_html]
    for part in (tree, *inside):
        time = part.css_first("time[pubdate]")
        if time is not None and (found := time_of_text(time.attributes.get("datetime") or shown_text(time))) is not None:
            return found
    return None


# --- the data of a page's own script -------------------------------------------------------------------------


def script_data(body: bytes, sign: str) -> object:
    """The JSON value that follows a sign in a page's script (`window.data=`), also as the text of a string; None without one.

    `sign` is a regular expression.
    """
    page = body[:MAX_BODY].decode("utf-8", "replace")
    found = re.search(sign, page)
    if found is None:
        return None
    # Scripts escape single quotes, which no JSON does.
    text = page[found.end() :].lstrip()
    value = _first_value(text if text[:1] != '"' else text.replace("\\'", "'"))
    return _first_value(value) if isinstance(value, str) else value


def object_named(data: object, name: str, having: str) -> Json:
    """The first object, however deep, whose `id` is `name` and that has a field `having`; {} without one."""
    waiting = deque([data])
    for _ in range(MAX_VALUES):
        if not waiting:
            break
        one = waiting.popleft()
        if isinstance(one, dict):
            if str(one.get("id")) == name and one.get(having) is not None:
                return one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return {}


def _first_value(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _value_in(text: str) -> object:
    try:
        value: object = json_loads(text)
    except (ValueError, RecursionError):
        return None
    return value
