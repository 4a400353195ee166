"""One walk over a page finds what may carry a post, whatever the attribute's name and wherever it is hidden."""

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import EmbedKind

VIDEO = "dQw4w9WgXcQ"
FRAME = f"https://www.youtube.com/embed/{VIDEO}"
IFRAME = f'<iframe src="{FRAME}" width="560"></iframe>'


def found_in(markup: str) -> list[tuple[str | None, EmbedKind]]:
    page = f"<!doctype html><title>A page</title><body><p>Before</p>{markup}<p>After</p>"
    return [(embed.post_id, embed.kind) for embed in find_embeds(Document("https://blog.example/a", page)).embeds]


@pytest.mark.parametrize(
    "markup",
    [
        f'<iframe src="about:blank" data-litespeed-src="{FRAME}"></iframe>',
        f'<iframe data-src="//www.youtube.com/embed/{VIDEO}"></iframe>',
        f'<iframe data-cookieconsent="marketing" data-cookieblock-src="{FRAME}"></iframe>',
        f'<div class="consent" data-unheard-of-name="{FRAME}">Click to load</div>',
        f'<my-player whatever="{FRAME}"></my-player>',
        f'<div class="elementor-widget-video" data-settings=\'{{"youtube_url":"https:\\/\\/youtu.be\\/{VIDEO}"}}\'></div>',
        f'<div data-src="{FRAME}"><noscript>{IFRAME}</noscript></div>',
        f"<template>{IFRAME}</template>",
        f"<noscript>{IFRAME}</noscript>",
        f'<div data-embed="{IFRAME.replace("&", "&amp;").replace("<", "&lt;").replace(chr(34), "&quot;")}"></div>',
        f"<textarea>{IFRAME.replace('<', '&lt;')}</textarea>",
        f'<script>var player = "{IFRAME.replace(chr(34), chr(92) + chr(34)).replace("/", chr(92) + "/")}";</script>',
        f'<script type="application/ld+json">{{"@type": "VideoObject", "embedUrl": "{FRAME}"}}</script>',
        f'<!-- wp:embed {{"url":"https://youtu.be/{VIDEO}","providerNameSlug":"youtube"}} --><figure></figure><!-- /wp:embed -->',
        f'<script>var page = "{{\\"embedUrl\\": \\"https:\\\\/\\\\/www.youtube.com\\\\/embed\\\\/{VIDEO}\\"}}"</script>',
        f"<p>https://youtu.be/{VIDEO}</p>",
        f"<p>[embed]https://youtu.be/{VIDEO}[/embed]</p>",
        f"<p>[youtube https://www.youtube.com/watch?v={VIDEO}&amp;w=640&amp;h=385]</p>",
        f'<p><a href="https://youtu.be/{VIDEO}">https://youtu.be/{VIDEO}</a></p>',
        f'<object data="http://www.youtube.com/v/{VIDEO}"><param name="movie" value="http://www.youtube.com/v/{VIDEO}"></object>',
        f'<amp-iframe src="{FRAME}"></amp-iframe>',
        f'<iframe src="https://cdn.embedly.com/widgets/media.html?src=x&amp;url=https%3A%2F%2Fyoutu.be%2F{VIDEO}"></iframe>',
        f'<iframe src="https://web.archive.org/web/2022if_/{FRAME}"></iframe>',
        f'<iframe src="/web/20220901000000if_/{FRAME}"></iframe>',
        f'<iframe src="www.youtube.com/embed/{VIDEO}"></iframe>',
        f'<iframe src=\\"{FRAME}\\" width=\\"560\\"></iframe>',
        f"<p>httpv://www.youtube.com/watch?v={VIDEO}</p>",
        f'<video class="video-js" data-setup=\'{{"sources": [{{"type": "video/youtube", "src": "https://youtu.be/{VIDEO}"}}]}}\'></video>',
        f"<item><description><![CDATA[{IFRAME}<p>Words</p>]]></description></item>",
    ],
)
def test_a_frame_is_seen_behind_whatever_loads_it(markup: str) -> None:
    assert [post_id for post_id, _ in found_in(markup)] == [VIDEO]


@pytest.mark.parametrize(
    "markup",
    [
        f'<p>See <a href="https://youtu.be/{VIDEO}">this</a>.</p>',
        f'<ul><li><a href="https://youtu.be/{VIDEO}">https://youtu.be/{VIDEO}</a></li></ul>',
        f"<p>It was at https://youtu.be/{VIDEO} for a while.</p>",
        f'<div class="social-share" data-url="https://youtu.be/{VIDEO}">Share</div>',
        f'<button data-src="{FRAME}" class="share-button"></button>',
        f'<blockquote cite="https://youtu.be/{VIDEO}"><p>It said so.</p></blockquote>',
        f'<img data-src="{FRAME}">',
        f'<div data-share-url="https://youtu.be/{VIDEO}"></div>',
        f"<textarea>https://youtu.be/{VIDEO}</textarea>",
        f"<script>// see\nvar seen = '<p>https://youtu.be/{VIDEO}</p>'</script>",
    ],
)
def test_what_only_leads_to_a_video_does_not_embed_it(markup: str) -> None:
    assert found_in(markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        f'<a href="/web/20220901000000/https://youtu.be/{VIDEO}">this</a>',
        f'<a href=\\"https://youtu.be/{VIDEO}\\">this</a>',
        f'<map name="m"><area href="https://youtu.be/{VIDEO}" shape="rect"></map>',
        f'<svg><a xlink:href="https://youtu.be/{VIDEO}"><text>this</text></a></svg>',
        f'<a href="http://http//youtu.be/{VIDEO}">this</a>',
    ],
)
def test_a_link_is_seen_however_it_is_written(markup: str) -> None:
    found = find_embeds(Document("https://blog.example/a", f"<p>See {markup}, it is good.</p>"))

    assert [link.post_id for link in found.links] == [VIDEO]


def test_two_frames_of_one_video_are_two_embeds_and_its_lazy_copy_is_none() -> None:
    lazy = f'<iframe data-lazy-src="{FRAME}"></iframe><noscript>{IFRAME}</noscript>'

    assert len(found_in(f"{IFRAME}<p>And again:</p>{IFRAME}")) == 2
    assert len(found_in(f"{lazy}<p>And again:</p>{lazy}")) == 2


def test_a_quarter_million_of_placeholders_and_lines_are_bounded() -> None:
    found = find_embeds(
        Document("https://blog.example/", f"<div data-src='{FRAME}'></div><p>https://youtu.be/{VIDEO}</p>" * 125_000)
    )

    assert len(found.embeds) <= 10_000
