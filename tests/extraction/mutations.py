"""Pages, addresses and replies that were right once: every platform's examples, hidden in each other, then damaged."""

import ast
import base64
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from hypothesis import strategies as st

import archiver.platforms
from archiver.platforms import PLATFORMS

EXAMPLES = sorted({example.html for platform in PLATFORMS for example in platform.examples})
POSTS = [
    (platform, post) for platform in PLATFORMS for example in platform.examples for post in example.posts if post is not None
]
ADDRESSES = sorted(
    {platform.canonical_url(post) for platform, post in POSTS}
    | {request.url for platform, post in POSTS for request in platform.requests_about(post)}
    | {html.unescape(found) for example in EXAMPLES for found in re.findall(r"(?:https?:)?//[^\s\"'<>\\]+", example)}
)
TOKENS = (
    *("<", ">", '"', "'", "\\", "/", "&", ";", "&quot;", "&lt;", "&amp;lt;", "]]>", "<!--", "-->", "<![CDATA[", "=", "\n\n", " "),
    *(
        "</blockquote>",
        "</p>",
        "<a href=",
        "<blockquote ",
        "<iframe ",
        "<template>",
        "<noscript>",
        "<script>",
        "</script>",
        "<svg>",
    ),
    *("<textarea>", "<base href=//[>", "<table>", "<plaintext>", "<!doctype", "{", "}", "[", "]", ":", ",", "null", "1e999"),
    *("\0", "\x0b", "\x1b", "\ufeff", "\ufffd", "\ufffe", "\u2028", "\u202e", "\ue000", "\ue001", "\U000e0041", "\xa0", "\x85"),
    *(
        "\\ud83d",
        "\\u0000",
        "\\udc00\\ud800",
        "&#xd800;",
        "&#0;",
        "&#x110000;",
        "%ED%A0%80",
        "%00",
        "%",
        "%2525",
        "\\x3c",
        "\\u003c",
    ),
    *(
        "٣",
        "²",
        "１",
        "৪",
        "İ",
        "ß",
        "ſ",
        "ǅ",
        "́",
        "5" * 25,
        "0" * 9,
        "-1",
        "99999999999999999999",
        "é",
        "щ",
        "写",
        "💛",
        "@",
        "＠",
        "#",
        "?",
    ),
    *(
        "http://[",
        "https://[::1]:99999/",
        "//",
        "javascript:",
        "https://web.archive.org/web/2022/",
        "@user:pw@",
        "xn--",
        ".",
        "..",
        "a" * 300,
    ),
)


def escaped(markup: str) -> str:
    return html.escape(markup)


def in_json(markup: str) -> str:
    return json.dumps(markup)


def in_json_for_scripts(markup: str) -> str:
    return json.dumps(markup).replace("<", "\\u003c").replace("/", "\\/")


def in_base64(markup: str) -> str:
    return base64.b64encode(markup.encode("utf-8", "replace")).decode()


# What content systems, lazy loaders and consent banners do to an embed.
WRAPPINGS: tuple[Callable[[str], str], ...] = (
    lambda markup: markup,
    lambda markup: f"<p>{markup}</p>",
    lambda markup: f"<noscript>{markup}</noscript>",
    lambda markup: f"<template>{markup}</template>",
    lambda markup: f"<textarea>{escaped(markup)}</textarea>",
    lambda markup: f"<p>{escaped(markup)}</p>",
    lambda markup: f"<p>{escaped(escaped(markup))}</p>",
    lambda markup: f'<div data-html="{escaped(markup)}"></div>',
    lambda markup: f'<div data-src="{quote(markup)}"></div>',
    lambda markup: f"<div data-x='{in_base64(markup)}'></div>",
    lambda markup: f'<iframe srcdoc="{escaped(markup)}"></iframe>',
    lambda markup: f"<script>var x = {in_json(markup)}</script>",
    lambda markup: f'<script type="application/json">{{"html": {in_json_for_scripts(markup)}}}</script>',
    lambda markup: f"<!-- {markup} -->",
    lambda markup: f"<!-- wp:html -->{markup}<!-- /wp:html -->",
    lambda markup: f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n{markup}\n</div></figure>',
    lambda markup: re.sub(r"<[^>]*>", " ", markup),
    lambda markup: markup.replace(' src="', ' src="about:blank" data-lazy-src="'),
    lambda markup: markup.replace('"', "”"),
    lambda markup: markup.replace('"', ""),
    lambda markup: markup.swapcase(),
    lambda markup: markup.replace("https:", "http:").replace("://", ":\\/\\/"),
)


# Never closed, these would take all that follows as their text, so that nothing could be nested in them.
_CLOSING = re.compile(r"</(?!(?:iframe|script|noscript|style|textarea|title)\b)[^>]*>")


def nested(markup: str, times: int = 200, paragraphs: int = 2_000) -> str:
    """An embed within itself again and again, as no box is ever closed, and an article's words in the innermost."""
    return f"<div>{_CLOSING.sub('', markup)}" * times + "<p>Some words that go on and on.</p>" * paragraphs


@st.composite
def damaged(draw: st.DrawFn, whole: str) -> str:
    """A text after some accidents: cut, doubled, turned round, with something strange or another's part in it."""
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(whole)))
        end = min(len(whole), start + draw(st.sampled_from((0, 1, 1, 2, 5, 20, 100, 1_000))))
        part = whole[start:end]
        other = draw(
            st.one_of(
                st.sampled_from(TOKENS),
                st.sampled_from(
                    ("", part * 2, part * 40, part[::-1], part.upper(), escaped(part), quote(part, errors="replace"))
                ),
                st.sampled_from(EXAMPLES).map(lambda example: example[len(example) // 3 :]),
                st.text(max_size=8),
            )
        )
        whole = whole[:start] + other + whole[end:]
    return whole


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Some platforms' embeds on one page, each as some content system has it, then damaged."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        part = draw(st.sampled_from(EXAMPLES))
        for _ in range(draw(st.integers(0, 2))):
            part = draw(st.sampled_from(WRAPPINGS))(part)
        parts.append(part)
    head = draw(
        st.sampled_from(
            ("", "<title>Words — words</title>", '<base href="https://t.example/a/"><h1>Words</h1>', "<!doctype html>")
        )
    )
    return draw(damaged(head + draw(st.sampled_from(("", "\n", "<p>Some words.</p>"))).join(parts)))


@st.composite
def page_bytes(draw: st.DrawFn) -> bytes:
    """Such a page in some encoding, with some bytes that are in none."""
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-16", "utf-16-be", "windows-1251", "shift_jis", "latin-1", "utf-7")))
    body = draw(pages()).encode(encoding, "replace")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=6)) + body[at + draw(st.integers(0, 6)) :]
    return body


def addresses() -> st.SearchStrategy[str]:
    """Addresses of posts, pictures and replies, whole and damaged, and what never was one."""
    right = st.sampled_from(ADDRESSES)
    turned = right.map(lambda url: url.replace("https://", "https://web.archive.org/web/20220911000000if_/https://"))
    coded = right.map(lambda url: f"https://proxy.example/?url={quote(url, safe='')}")
    return st.one_of(right, turned, coded, right.flatmap(damaged), right.flatmap(damaged), st.text(max_size=40))


def _words_of_readers() -> list[str]:
    """Every word in the platforms' code that may be a key or a value of a reply: all that a reader could look for."""
    words = set()
    for file in Path(archiver.platforms.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w$@.:-]{1,40}", node.value):
                words.add(node.value)
    return sorted(words)


WORDS = _words_of_readers()


def _objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.lists(values, max_size=4), st.dictionaries(st.sampled_from(WORDS), values, max_size=12))


def json_values() -> st.SearchStrategy[object]:
    """JSON with the keys that readers ask for, and anything as their values."""
    texts = st.one_of(
        st.sampled_from(WORDS), st.sampled_from(TOKENS), st.sampled_from(EXAMPLES), addresses(), st.text(max_size=10)
    )
    numbers = st.one_of(st.integers(), st.sampled_from((0, -1, 10**30, 1 << 63)), st.floats())
    moments = st.sampled_from(
        ("2022-09-10T12:00:00Z", "2022-13-45", "0000-00-00T00:00:00+99:99", "9999-12-31T23:59:59-14:00", "1e9")
    )
    return st.recursive(st.one_of(st.none(), st.booleans(), numbers, texts, moments), _objects, max_leaves=40)


def replies() -> st.SearchStrategy[bytes]:
    """Bodies of replies: JSON, whole and damaged, or a page."""
    texts = json_values().map(json.dumps)
    bodies = st.one_of(texts, texts.flatmap(damaged), pages(), st.sampled_from(("", "null", "[" * 5_000, '{"a":' * 5_000, "{}")))
    return st.one_of(bodies.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=40))
