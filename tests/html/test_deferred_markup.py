"""Markup that a page hides is found wherever it is hidden, and what an editor took out of a page is not."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.platforms import KEYWORDS

VIDEO = "dQw4w9WgXcQ"
TWEET = "1565471234567890123"
IFRAME = f'<iframe src="https://www.youtube.com/embed/{VIDEO}" width="560"></iframe>'
BLOCKQUOTE = (
    '<blockquote class="twitter-tweet"><p>Bees</p>&mdash; Mira (@mira)'
    f' <a href="https://twitter.com/mira/status/{TWEET}">September 1, 2022</a></blockquote>'
)


def coded(markup: str) -> str:
    return base64.b64encode(markup.encode()).decode()


def in_json(markup: str) -> str:
    return json.dumps(json.dumps({"b": markup}))


def pushed(markup: str) -> str:
    """As the pages of Next.js hand on what a content system said."""
    payload = json.dumps({"__html": markup}).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"self.__next_f.push({json.dumps([1, payload])})"


def ids_in(markup: str) -> list[str | None]:
    page = f"<!doctype html><title>A page</title><body><p>Before</p>{markup}<p>After</p>"
    found = [embed.post_id for embed in find_embeds(Document("https://blog.example/a", page, KEYWORDS)).embeds]
    assert found == [embed.post_id for embed in find_embeds(Document("https://blog.example/a", page)).embeds]
    return found


@pytest.mark.parametrize(("markup", "post_id"), [(IFRAME, VIDEO), (BLOCKQUOTE, TWEET)], ids=["frame", "quote"])
@pytest.mark.parametrize(
    "hide",
    [
        lambda m: f'<script type="text/template">\n  {m}</script>',
        lambda m: f'<script type="text/template">\n<div>\n  {m}\n</div></script>',
        lambda m: f'<script type="text/template">{m.replace("iframe", "IFRAME").replace("blockquote", "BLOCKQUOTE")}</script>',
        lambda m: f'<textarea class="lazy">{m}</textarea>',
        lambda m: f"<noembed>{m}</noembed>",
        lambda m: f"<noframes>{m}</noframes>",
        lambda m: f"<xmp>{m}</xmp>",
        lambda m: f"<TEMPLATE>{m}</TEMPLATE>",
        lambda m: f"<div data-html='\n {m}'></div>",
        lambda m: f"<div data-html='<div>{m}</div>'></div>",
        lambda m: f"<div data-html='<p>a</p> {m}'></div>",
        lambda m: (
            f"<textarea>{m.replace('<', '&lt;').replace('iframe', 'IFRAME').replace('blockquote', 'BLOCKQUOTE')}</textarea>"
        ),
        lambda m: f'<div class="lazy"><!--{m}--></div>',
        lambda m: f'<div class="box lazyload"><!-- {m} --></div>',
        lambda m: f"<script>var page = JSON.parse({in_json(m)});</script>",
        lambda m: f"<script>{pushed(m)}</script>",
        lambda m: f'<script type="text/template">{coded(m)}</script>',
        lambda m: f'<script type="text/template">{coded(chr(10) + m)}</script>',
        lambda m: f'<script type="text/template">{coded(" " + m)}</script>',
        lambda m: f'<script type="text/template">{coded("<div class=x>" + m + "</div>")}</script>',
        lambda m: f'<script type="text/template">{coded("<p>" + m + "</p>")}</script>',
        lambda m: f'<div data-content="{coded(quote(m))}"></div>',
        lambda m: f'<div data-content="{coded("<div>Nothing but words, but many of them</div>")} {coded(m)}"></div>',
    ],
)
def test_an_embed_is_seen_however_it_is_hidden(hide: Callable[[str], str], markup: str, post_id: str) -> None:
    assert ids_in(hide(markup)) == [post_id]


@pytest.mark.parametrize(
    "markup",
    [
        f"<div class='video'><!-- {IFRAME} --></div>",
        f"<!-- {BLOCKQUOTE} -->",
        f"<p>{coded('<p>A long paragraph that is encoded, and holds no embed at all</p>')}</p>",
    ],
)
def test_what_was_taken_out_of_a_page_is_no_embed(markup: str) -> None:
    assert ids_in(markup) == []


def test_a_frame_that_is_hidden_is_seen_beside_one_that_is_not() -> None:
    other = IFRAME.replace(VIDEO, "mB7_qLx2Zt4")

    assert ids_in(f"{other}<textarea class='lazy'>{IFRAME}</textarea>") == ["mB7_qLx2Zt4", VIDEO]
