"""The post's own page at x.com, as a plain agent gets it: words and picture in its head, for previews in chats.

A public program had it so on 2026-09-16, and status 404 for a deleted post; others met login walls (metascraper#850, 2026-06-23),
and a browser gets a shell without words. What is not this post's preview says nothing.
"""

import re

from selectolax.lexbor import LexborHTMLParser

from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.replies import distinct_media, page_tree
from archiver.platforms.twitter.urls import NAME, handle_of, post_id_of, posted_at_of_id, short_links_in
from archiver.platforms.twitter.values import moment_of, picture_of, stated

MAX_PICTURES = 8  # a post has four
_NAMED = re.compile(r"(?P<name>.{1,200}?)(?: \(@(?P<handle>\w{1,20})\))? (?:on|auf|sur|en|在) (?:X|Twitter)(?:\W|$)", re.S)
_QUOTED = re.compile(r"\s*[“\"„«](?P<text>.*)[”\"“»]\s*", re.S)
_TITLE = re.compile(r"[^:\n]{1,300}: \"(?P<text>.*)\" / (?:X|Twitter)\s*", re.S)


def read(post_id: str, url: str, status: int, body: bytes) -> Findings:
    """What the page of this post says of it."""
    if status in (404, 410):
        return stated(post_id, Source.EMBED_PAGE, PostState.GONE)
    if status != 200:
        return Findings()
    tree = page_tree(url, body)
    title, described = _meta(tree, "og:title", "twitter:title"), _meta(tree, "og:description", "twitter:description")
    named = _NAMED.match(title or "")
    canonical = _meta(tree, "og:url") or _canonical(tree) or ""
    if named is None or post_id_of(canonical) != post_id:  # a shell, a login, a profile, another post
        return Findings()
    text = _text(described, tree)
    statement = Statement(
        platform=NAME,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=named["handle"] or handle_of(canonical),
        author_name=named["name"].strip() or None,
        text=text,
        posted_at=moment_of(_meta(tree, "article:published_time")) or posted_at_of_id(post_id),
        short_links=short_links_in(text or ""),
        media=distinct_media(map(_picture, _contents(tree, "og:image", "twitter:image")[:MAX_PICTURES])),
    )
    return Findings(statements=(statement,))


def _text(described: str | None, tree: LexborHTMLParser) -> str | None:
    """The post's words, which stand in quotation marks; the page's title has them where the description is empty."""
    if described is None:
        title = tree.css_first("title")
        found = _TITLE.fullmatch(title.text() or "") if title is not None else None
    else:
        found = _QUOTED.fullmatch(described)
    return ((found["text"] if found is not None else described) or "").strip() or None


def _picture(address: str) -> MediaRef | None:
    return picture_of(address, MediaKind.PICTURE if "/media/" in address else MediaKind.POSTER)


def _meta(tree: LexborHTMLParser, *names: str) -> str | None:
    return next(iter(_contents(tree, *names)), None)


def _contents(tree: LexborHTMLParser, *names: str) -> list[str]:
    nodes = (node for name in names for node in tree.css(f"meta[property='{name}'], meta[name='{name}']"))
    return [content for node in nodes if (content := (node.attributes.get("content") or "").strip())]


def _canonical(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("link[rel='canonical']")
    return node.attributes.get("href") if node is not None else None
