"""Pages made to be expensive: large, deep, full of embeds, and what regular expressions stumble over."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from archiver.platforms import PLATFORMS
from archiver.platforms.base import Platform

MEGABYTE = 1_000_000
EMBEDS = 50_000
DEPTH = 100_000
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="en">Words <a href="https://t.co/AbCdEf1234">pic.twitter.com/AbCdEf1234</a></p>'
    '&mdash; Mira (@mira_k) <a href="https://twitter.com/mira_k/status/1568605567890001920">May 1, 2022</a></blockquote>'
)
STATUS = "https://twitter.com/mira_k/status/1568605567890001920"

Page = Callable[[], str]


def repeated(unit: str, size: int) -> str:
    return unit * (size // len(unit) + 1)


def around(before: str, unit: str, after: str = "", size: int = 5 * MEGABYTE) -> Page:
    """`before`, so many of `unit` that it has `size` characters, `after`."""
    return lambda: before + repeated(unit, size) + after


def numbered(unit: str, count: int) -> Page:
    """`unit` so many times, `{}` in it being the number."""
    return lambda: "".join(unit.replace("{}", f"{number:06}") for number in range(count))


def in_layers(layers: int) -> str:
    markup = TWEET
    for _ in range(layers):
        markup = html.escape(markup)
    return markup


LARGE: dict[str, Page] = {
    "50 MB of words": around("<p>", "plain words without any end, ", size=50 * MEGABYTE),
    "50 MB without white space": around("<p>", "abcdefghij", size=50 * MEGABYTE),
    "50 MB of links": numbered('<a href="https://blog.example/{}/">some words</a> ', 50 * MEGABYTE // 54),
    "50 MB of relative links": numbered('<a href="../{}/a b?c#d">some words</a> ', 50 * MEGABYTE // 44),
    "50 MB of links to posts": numbered('<a href="https://twitter.com/a/status/1568605567890{}">x</a> ', 50 * MEGABYTE // 60),
    "50 MB of embeds": numbered(TWEET.replace("0001920", "{}"), 50 * MEGABYTE // 280),
    "50 MB of paragraphs": numbered(
        "<p>These are the words of paragraph {}, which has some forty letters.</p>", 50 * MEGABYTE // 75
    ),
    "50 MB of empty elements": around("", "<b></b>", size=50 * MEGABYTE),
    "50 MB of opening angles": around("", "<", size=50 * MEGABYTE),
    "50 MB of pictures": numbered('<img src="/{}.jpg" alt="a picture" width=600 height=400>', 50 * MEGABYTE // 56),
    "50 MB of comments by readers": numbered(
        '<li class="comment"><b class="fn">A</b><p class="comment-text">{} words</p></li>', 500_000
    ),
    "50 MB of dates": numbered('<time datetime="2022-09-10">{}</time>', 50 * MEGABYTE // 44),
    "50 MB of bylines": numbered('<span class="byline author">By Jane Doe {}</span>', 50 * MEGABYTE // 50),
    "50 MB of headings": numbered("<h1>A heading {}</h1><h2>Below it</h2>", 50 * MEGABYTE // 40),
    "50 MB of meta tags": numbered('<meta property="article:tag" content="tag {}"><meta name=author content=x>', 600_000),
    "50 MB of articles": numbered('<article class="hentry"><h2>Post {}</h2><p>words</p></article>', 800_000),
}

DEEP_TAGS = (
    *(
        "div",
        "blockquote",
        "blockquote class=twitter-tweet",
        "span",
        "b",
        "a href=/x",
        "p",
        "table",
        "td",
        "ul",
        "li",
        "svg",
        "math",
    ),
    *(
        "template",
        "noscript",
        "iframe",
        "article",
        "figure",
        "button",
        "select",
        "form",
        "font",
        "li class=comment",
        "section id=related",
    ),
    *("x-y", "dl><dt", "table><tr><td", "div><b><p", "svg><desc", "object", "ruby><rt", "details", "h1", "nobr", "a><div"),
)
DEEP: dict[str, Page] = {
    f"100,000 nested <{tag}>": lambda tag=tag: f"<title>Deep</title>{f'<{tag}>' * DEPTH}the bottom{TWEET}"  # type: ignore[misc]
    for tag in DEEP_TAGS
}
DEEP["100,000 nested and closed <div>"] = lambda: "<div>" * DEPTH + TWEET + "</div>" * DEPTH
DEEP["100,000 wrongly closed tags"] = around("", "<b><i><p></b></i><div></p>", size=26 * DEPTH)
DEEP["100,000 closing tags"] = around("<p>", "</div></b></p></blockquote>", size=27 * DEPTH)
DEEP["100,000 <div/>"] = around("<p>", "<div/>", TWEET, 6 * DEPTH)
DEEP["100,000 <div> between tags that close nothing"] = around("<p>", "<div></b>", TWEET, 9 * DEPTH)
DEEP["100,000 <b> that are opened anew in each paragraph"] = numbered("<p><b a={}></p>", DEPTH)
DEEP["100,000 <font> that are opened anew, between tags that close nothing"] = numbered("<p><font a={}></i></p>", DEPTH)
DEEP["8 open <b> and a million paragraphs"] = around("<b a=1>" * 8, "<p>", TWEET, 10 * MEGABYTE)
DEEP["500 nested boxes around 4 MB"] = lambda: (
    "<div class=related>" * 500 + repeated("<p>words that go on and on, </p>", 4 * MEGABYTE)
)
DEEP["500 nested boxes of tweets around 4 MB"] = lambda: (
    "<div class=twitter-tweet>" * 500 + repeated(f"{TWEET}words ", 4 * MEGABYTE)
)
DEEP["500 nested templates around 2 MB"] = lambda: "<template>" * 500 + repeated(TWEET, 2 * MEGABYTE)
DEEP["500 nested blocks with attributions"] = lambda: "<div>— A (@ann_b) May 1, 2022" * 500 + repeated("words ", 4 * MEGABYTE)

ATTRIBUTES: dict[str, Page] = {
    "100,000 attributes on one tag": lambda: f"<div {' '.join(f'a{n}=b' for n in range(DEPTH))}>{TWEET}",
    "100,000 equal attributes on one tag": around("<div", " data-url=x", ">", 11 * DEPTH),
    "an attribute of 20 MB": around('<div data-html="', "words and ", '">', 20 * MEGABYTE),
    "an attribute of escaped markup, 9 MB": around('<div data-html="', html.escape(TWEET), '">', 9 * MEGABYTE),
    "9 MB of attributes with escaped markup": around("", f'<div data-html="{html.escape(TWEET)}"></div>', size=9 * MEGABYTE),
    "a class of 5 MB around 10,000 times": lambda: (
        f'<div class="{repeated("some-name ", 5 * MEGABYTE)}">' + "<time>2022-09-10</time>" * 10_000
    ),
    "a class of 5 MB around 10,000 pictures": lambda: (
        f'<div class="{repeated("some-name ", 5 * MEGABYTE)}">' + "<img src=/a.jpg>" * 10_000
    ),
    "a class of 5 MB around 10,000 tweets": lambda: f'<div class="{repeated("some-name ", 3 * MEGABYTE)}">' + TWEET * 10_000,
    "a title of 9 MB": around("<title>", "word | "),
    "a title of blanks": around("<title>word", " ", "-</title>"),
    "an address of 5 MB": around('<a href="https://blog.example/', "a/../"),
    "an address of dots": around('<a href="', "../"),
    "500 addresses of 15 KB": lambda: "".join(f'<a href="{n}/{repeated("%41/./", 15_000)}">x</a>' for n in range(500)),
    "50,000 unclosed quotes": around("", '<a href="x>words ', size=17 * EMBEDS),
    "50,000 quotes in tags": around("", "<a '\"'>words ", size=13 * EMBEDS),
    "a base that is no address": around('<base href="http://[', "[", '"><a href="x">x</a>'),
    "a million entities": around("<p>", "&amp;&lt;&#60;&zwnj;", size=9 * MEGABYTE),
    "an entity without end": around("<p>twitter-tweet /status &", "amp;"),
    "a number without end": around("<p>twitter-tweet /status &#", "0"),
    "a million NULs": around("<p>", "\0<b\0>", size=5 * MEGABYTE),
    "a comment without end": around("<!--", "-- "),
    "tags of 490 attributes": lambda: repeated(f"<i {' '.join(f'a{n}' for n in range(490))}>x</i>", 10 * MEGABYTE),
    "tags of 5,000 attributes": lambda: repeated(f"<i {' '.join(f'a{n}' for n in range(5_000))}>x</i>", 10 * MEGABYTE),
    "comments of WordPress": numbered('<!-- wp:embed {"url":"https://twitter.com/a/status/1568605567890{}","x":1} -->', 100_000),
    "a comment of WordPress without end": around('<!-- wp:embed {"url":"', '"url":" '),
}

SCRIPTS: dict[str, Page] = {
    "50,000 scripts with JSON": numbered(
        '<script type="application/json">{"type":"tweet","id":"1568605567890{}"}</script>', EMBEDS
    ),
    "50,000 scripts of JSON-LD": numbered(
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"{}"}</script>', EMBEDS
    ),
    "5 MB of JSON-LD": around(
        '<script type="application/ld+json">[', '{"@type":"NewsArticle","author":{"name":"x"}},', "{}]</script>"
    ),
    "JSON-LD that nests": around('<script type="application/ld+json">', '{"a":[', "</script>"),
    "JSON-LD of lists in lists": around('<script type="application/ld+json">', "[" * 400 + "{}" + "]" * 400 + ",", "</script>"),
    "posts in one script of 5 MB": around("<script>[", f'{{"type":"tweet","url":"{STATUS}"}},', "]</script>"),
    "types without addresses in one script": around("<script>[", '"type":"tweet",', "]</script>"),
    "a type without end": around('<script>"status" "type":"', "tweet"),
    "types of blanks": around('<script>"status" ', '"type"      : '),
    "escaped embeds in one script": around("<script>x = '", json.dumps(TWEET).replace("<", "\\u003c"), "'</script>"),
    "openings in one script": around("<script>", "\\u003cblockquote class=\\u0022twitter-tweet ", "</script>"),
    "unclosed scripts": around("", '<script>\'<blockquote class="twitter-tweet">', size=3 * MEGABYTE),
    "escaped in 10 layers": lambda: in_layers(10) * 100,
    "escaped in 3 layers, 9 MB": lambda: repeated(f"<p>{in_layers(3)}</p>", 9 * MEGABYTE),
    "percent signs in 10 layers": lambda: f'<div data-src="{quote_often(10)}">' * 200,
    "templates": around("", f"<template>{TWEET}</template>", size=9 * MEGABYTE),
    "textareas": around("", f"<textarea>{html.escape(TWEET)}</textarea>", size=9 * MEGABYTE),
    "noscripts": around("", f"<noscript>{TWEET}</noscript>", size=9 * MEGABYTE),
    "frames with documents": around("", f'<iframe srcdoc="{html.escape(TWEET)}"></iframe>', size=9 * MEGABYTE),
    "pieces in base64": lambda: repeated(f'<div data-x="{in_base64(TWEET)}"></div> ', 9 * MEGABYTE),
    "one piece in base64, 9 MB": lambda: f'<div data-x="{in_base64(repeated(TWEET, 6 * MEGABYTE))}">',
    "base64 in base64": lambda: f'<div data-x="{in_base64(in_base64("<iframe " + repeated(TWEET, 2 * MEGABYTE)))}">',
}


def quote_often(times: int) -> str:
    text = TWEET
    for _ in range(times):
        text = quote(text)
    return text


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_POST_LINK = f'<a href="{STATUS}">'
_FRAME = "platform.twitter.com/embed/Tweet.html?"
_BOX = '<blockquote class="twitter-tweet">'
PATTERNS: dict[str, Page] = {
    "blanks in a box": around(f"{_BOX}\n", " ", f"x{TWEET}"),
    "line breaks in a box": around(f"{_BOX}\n\nx", "<br>", f"x{TWEET}"),
    "lines in a box": around(_BOX, "\n", f"x{TWEET}"),
    "lines and blanks in a box": around(_BOX, "\n ", f"x{TWEET}"),
    "blocks in a box": around(f"{_BOX}a\n\nb", "<p>", f"x{TWEET}"),
    "blanks in a link": around(f"{_BOX}{_POST_LINK}May 1", " ", "x</a></blockquote>"),
    "blanks in 500 links": lambda: f"{_BOX}{_POST_LINK}May 1{' ' * 9_000}x</a></blockquote>" * 500,
    "commas in a link": around(f"{_BOX}{_POST_LINK}", "May 1 , ", "x</a></blockquote>"),
    "days in a link": around(f"{_BOX}{_POST_LINK}", "10 ", "x</a></blockquote>"),
    "words in a link": around(f"{_BOX}{_POST_LINK}", "мая", "x</a></blockquote>"),
    "links in a box": around(_BOX, _POST_LINK, "x</blockquote>"),
    "attributions in a box": around(_BOX, "— A (@ann_b) May 1, 2022 ", "x</blockquote>"),
    "boxes that are never closed": around("", f"{_BOX}<p>words {_POST_LINK}", size=5 * MEGABYTE),
    "spans that are boxes": around("", f'<span class="twitter-tweet">{_POST_LINK}', size=5 * MEGABYTE),
    "an address and blanks": around("<p>http://a", " ", "x /status/12"),
    "addresses and blanks on lines": lambda: "<p>" + f"http://a{' ' * 900}x /status/12\n" * 5_000,
    "addresses alone on lines": numbered("https://twitter.com/a/status/1568605567890{}\n", 200_000),
    "shortcodes": numbered("[tweet 1568605567890{}]\n", 300_000),
    "shortcodes without end": around("<p>/status/1 ", "[tweet \n"),
    "shortcodes and blanks": around("<p>/status/1 [tweet", " "),
    "embed shortcodes without end": around("<p>http /status/1\n", "[embed "),
    "frames' addresses in a frame": around('<iframe src="', _FRAME),
    "frames' addresses in 100 frames": lambda: f'<iframe src="{repeated(_FRAME, 40_000)}"></iframe>' * 100,
    "hosts in a frame": around('<iframe src="https://twitframe.com/', "a.b."),
    "front ends in a frame": around('<iframe src="twit', " nitter.a"),
    "slashes in a frame": around('<iframe src="twit x.com', "/"),
    "questions in a frame": around('<iframe src="twit ', "x.com/?mobile=a"),
    "percent signs in a frame": around('<iframe src="twit', "%25"),
    "placeholders of a post": numbered('<div data-url="https://twitter.com/a/status/1568605567890{}"></div>', 100_000),
    "attributes with posts' addresses": numbered(f'<div data-x{{}}="{STATUS}"></div>', 60_000),
    "attribute names before an address": around("<div ", "a = ", '"/status/1">'),
    "addresses in one attribute": around('<div data-x="', "/status/1 "),
    "a status at every place": around("<p>", "/status"),
    "tweets at every place": around("<p>", "weet"),
    "ats": around("<p>", "@"),
    "ats after tags": around("<p>", ">@"),
    "brackets and ats": around("<p>", "(@"),
    "handles": around("<p>", "(@ann_b) "),
    "attributions": around("<p>", "— Ann (@ann_b) May 1, 2022 "),
    "attributions in paragraphs": around("", "<p>Words pic.twitter.com/AbCdEf1234 — Ann (@ann_b) May 1, 2022</p>"),
    "attributions in words": around("<div>", "<b>x</b> — Ann (@ann_b) May 1, 2022 "),
    "handles behind tags": around("<p>>@(", "<(<>"),
    "brackets before handles": around("<p>>@ (", "<b>"),
    "brackets": around("<p>>@", "("),
    "dashes before a handle": around("<p>", "— ", "(@ann_b)"),
    "lines before handles": around("<pre>", "\n\n\n\n— (@a)"),
    "short links": numbered("pic.twitter.com/Ab{} ", 400_000),
    "short links glued together": around("<p>", "pic.twitter.com/t.co/abcde"),
    "a short link without end": around("<p>pic.twitter.com/", "a"),
    "pictures of posts": numbered("https://pbs.twimg.com/media/Fc{}.jpg ", 250_000),
    "pictures of posts glued together": around("<p>", "pbs.twimg.com/media/"),
    "hosts of pictures": around("<p>", "twimg.com"),
    "attributes in JSON": numbered(
        '<div data-attrs=\'{"url":"https://x.com/a/status/1568605567890{}","text":"x"}\'></div>', 60_000
    ),
    "an attribute in JSON that nests": around(f"<div data-attrs='{{\"url\":\"{STATUS}\",\"x\":", "[", "'>"),
    "many attributes in JSON that nest": lambda: f"<div data-attrs='{{\"u\":\"{STATUS}\",\"x\":{'[' * 3_000}'></div>" * 1_500,
    "tags that look like a declaration": around("<meta ", "charset="),
    "listing words": around('<body class="', "archive "),
}  # fmt: skip


# Boxes in boxes, each asked for all that it holds; links whose block holds thousands more; names that never repeat.
_WORDY = "<p>x</p>"
_VIDEO = "https://youtu.be/aB3dE5gH7jK"
SQUARES: dict[str, Page] = {
    "square: 500 nested quotes of WordPress": lambda: (
        '<blockquote class="wp-embedded-content"><a href="https://b.example/a"></a>' * 500
        + _WORDY * 20_000
        + "</blockquote>" * 500
    ),
    "square: 500 nested boxes of Instagram": lambda: (
        "".join(
            f'<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/CxQuay7L{n:03}/">'
            for n in range(500)
        )
        + _WORDY * 20_000
        + "</blockquote>" * 500
    ),
    "square: 500 nested boxes of a video": lambda: (
        "".join(f"<div data-youtube-id=aB3dE5gH{n:03}>" for n in range(500)) + _WORDY * 400_000
    ),
    "square: objects that are never closed": around("", f'<object><param name=movie value="{_VIDEO}">'),
    "square: 400 nested figures": lambda: '<figure class="wp-block-embed">' * 400 + _WORDY * 600_000,
    "square: links alone in one paragraph": around("<p>", f'<a href="{_VIDEO}">{_VIDEO}</a>'),
    "square: links to tweets in one box of words": lambda: (
        "<div>" + "".join(f'<a href="{STATUS[:-5]}{n:05}">{STATUS[:-5]}{n:05}</a>{"words " * 65}' for n in range(10_000))
    ),
    "square: tags without end": around("", "<a", size=3 * MEGABYTE),
    "square: 160,000 names of attributes": numbered("<div data-a{}=1 data-b{}=2></div>", 80_000),
}


def of_platform(platform: Platform) -> Iterator[tuple[str, Page]]:
    """What each platform's own patterns may stumble over, told from its first example and its addresses."""
    example = next(example for example in platform.examples if example.posts)
    name, url = platform.name, next((platform.canonical_url(post) for post in example.posts if post is not None), "")
    yield f"{name}: 50,000 embeds", lambda: "".join(varied(example.html, example.posts[0], n) for n in range(EMBEDS))
    yield f"{name}: half an embed, 5 MB", around("", example.html[: len(example.html) // 2] + " ")
    yield f"{name}: embeds in an attribute, 5 MB", around('<div data-html="', html.escape(example.html) + " ", '">')
    yield f"{name}: embeds in a script, 5 MB", around("<script>x = [", json.dumps(example.html) + ",", "]</script>")
    for where, before, after in (("a frame", '<iframe src="', '">'), ("a link", '<a href="', '">x</a>'), ("text", "<p>", "</p>")):
        yield f"{name}: its address without end in {where}", around(f"{before}{url}", url, after, 2 * MEGABYTE)
        yield f"{name}: its address and much of one letter in {where}", runs(before, (url, url[: url.find("/", 8) + 1]), after)


def runs(before: str, starts: tuple[str, ...], after: str) -> Page:
    """Each start, followed by 100,000 times the same, for all that a pattern may repeat."""
    letters = ("a", "/", "%", "=", "&amp;", ".", "-", "1", " ", "?a", "&a=b", "\n", "_", "@", "#", "\\/")
    return lambda: "".join(f"{before}{start}{letter * 100_000}!{after}" for start in starts for letter in letters)


def varied(markup: str, post_id: str | None, number: int) -> str:
    """An example about another post each time: the end of its id is a number."""
    parts = re.findall(r"[A-Za-z0-9]{6,}", post_id or "")
    if not parts:
        return markup
    return markup.replace(parts[-1], f"{parts[-1][:-5]}{number:05}")


def pages() -> dict[str, Page]:
    """All pages by their names; each is made when it is called."""
    of_platforms = dict(found for platform in PLATFORMS for found in of_platform(platform))
    return {**LARGE, **DEEP, **ATTRIBUTES, **SCRIPTS, **PATTERNS, **SQUARES, **of_platforms}
