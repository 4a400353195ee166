"""Framed things: the shapes of their addresses, and what their oEmbed endpoints say."""

import json

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import PostRef, PostState
from archiver.platforms import platform_named, platform_of_reply, post_of_url
from archiver.platforms.framed_forms import FORMS

HEX = "0123456789abcdef0123456789abcdef"
ADDRESSES = (
    (
        "https://docs.google.com/spreadsheet/pub?key=0AbCdEfGhIjKlMnOpQrStUvWx&output=html",
        "googlesheet2009/0AbCdEfGhIjKlMnOpQrStUvWx",
    ),
    ("https://spreadsheets.google.com/embeddedform?formkey=dGVzdGtleXRlc3RrZXk6MQ", "googleform2009/dGVzdGtleXRlc3RrZXk6MQ"),
    ("https://docs.google.com/present/embed?id=abcd_123efgh", "googleslides2009/abcd_123efgh"),
    ("https://docs.google.com/forms/d/e/1FAIpQLSabcdefghijklmnopqrst/viewform", "googleforms/d/e/1FAIpQLSabcdefghijklmnopqrst"),
    ("https://html5-player.libsyn.com/embed/episode/id/12345678/height/90", "libsyn/12345678"),
    ("https://player.simplecast.com/1234abcd?dark=false", "simplecast/1234abcd"),
    ("https://playlist.megaphone.fm/?e=ABC1234567890", "megaphone/ABC1234567890"),
    ("https://embed.acast.com/harbour/nine-ropes", "acast/harbour/nine-ropes"),
    ("https://www.blogger.com/video.g?token=AD6v5dwabcdefghij", "blogger/AD6v5dwabcdefghij"),
    ("https://embed.music.apple.com/us/album/quay/1234567890", "applemusic/album/1234567890"),
    ("https://widget.deezer.com/widget/dark/track/1234567", "deezer/track/1234567"),
    ("https://coub.com/embed/1a2b3c?muted=false", "coub/1a2b3c"),
    ("https://tenor.com/embed/12345678", "tenor/12345678"),
    ("https://yandex.ru/map-widget/v1/?um=constructor%3Aabcdef0123", "yandexmap/constructor:abcdef0123"),
    ("https://datawrapper.dwcdn.net/aBc12/", "datawrapper/aBc12"),
    ("https://datawrapper.dwcdn.net/aBc12/12/?transparent=true", "datawrapper/aBc12"),
    ("https://www.datawrapper.de/_/aBc12/", "datawrapper/aBc12"),
    ("http://cf.datawrapper.de/aBc12/2/", "datawrapper/aBc12"),
    ("https://e.infogram.com/boats-by-year?src=embed", "infogram/boats-by-year"),
    ("https://infogram.com/boats-by-year-1hxr4zx9k2mq5pj", "infogram/boats-by-year-1hxr4zx9k2mq5pj"),
    ("//e.infogr.am/boats-by-year", "infogram/boats-by-year"),
    ("https://public.flourish.studio/visualisation/1234567/", "flourish/visualisation/1234567"),
    ("https://public.tableau.com/views/HarbourBoats/Boats?:embed=y&:display_count=yes", "tableau/HarbourBoats/Boats"),
    ("https://public.tableau.com/app/profile/mira/viz/HarbourBoats/Boats", "tableau/HarbourBoats/Boats"),
    ("https://public.tableau.com/profile/mira#!/vizhome/HarbourBoats/Boats", "tableau/HarbourBoats/Boats"),
    ("https://plot.ly/~mira/7.embed?width=550", "plotly/mira/7"),
    (
        "https://mira.carto.com/builder/01234567-89ab-4def-8123-0123456789ab/embed?x=1",
        "carto/mira.carto.com/builder/01234567-89ab-4def-8123-0123456789ab/embed",
    ),
    ("https://ourworldindata.org/grapher/boats-per-harbour?tab=chart&country=UKR", "ourworldindata/boats-per-harbour"),
    ("https://observablehq.com/embed/@mira/boats?cells=chart", "observable/@mira/boats"),
    ("https://liveuamap.com/en/2022/10-september-boats-leave", "liveuamap/liveuamap.com/en/2022/10-september-boats-leave"),
    ("https://ukraine.liveuamap.com", "liveuamap/ukraine.liveuamap.com"),
    ("https://www.google.co.uk/maps/embed?pb=!1m2!2sA+B", "googlemaps/!1m2!2sA%20B"),
    ("https://maps.google.com.ua/maps?ll=50.4,30.5&spn=1,1&output=embed", "googleview/50.4,30.5"),
    ("https://www.google.com/maps/embed/v1/view?key=k&center=50.4,30.5&zoom=9", "googleview/50.4,30.5"),
    ("https://www.google.com/maps/embed/v1/directions?key=k&origin=A&destination=B", "googleroute/saddr=A&daddr=B"),
    ("https://maps.google.com/maps?daddr=B&saddr=A&output=embed", "googleroute/saddr=A&daddr=B"),
    ("https://maps.google.com/maps/ms?msa=0&msid=12.00ab&output=embed", "mymaps2007/12.00ab"),
    ("https://www.google.com/maps/d/viewer?mid=1aB_cD3&ll=1,2", "mymaps/1aB_cD3"),
    (
        "https://www.openstreetmap.org/export/embed.html?bbox=30.4%2C50.3%2C30.6%2C50.5&layer=mapnik",
        "openstreetmap/30.4,50.3,30.6,50.5",
    ),
    ("https://umap.openstreetmap.fr/en/map/old-harbour_123#6/51.0/2.0", "umap/123"),
    (f"https://storymaps.arcgis.com/stories/{HEX}?cover=false", f"storymaps/{HEX}"),
    (
        f"https://mira.maps.arcgis.com/apps/Embed/index.html?extent=1,2&webmap={HEX}&zoom=true",
        f"arcgis/Embed/index.html?webmap={HEX}",
    ),
    (f"https://www.arcgis.com/apps/opsdashboard/index.html#/{HEX}", f"dashboards/{HEX}"),
    ("https://cdn.knightlab.com/libs/timeline3/latest/embed/index.html?source=1aB-cD&font=Default&lang=en", "timeline/1aB-cD"),
    ("http://embed.verite.co/timeline/?source=0AkF&font=Bevan", "timeline2012/0AkF"),
    (f"https://uploads.knightlab.com/storymapjs/{HEX}/the-harbour/index.html", f"storymap/{HEX}/the-harbour"),
    (
        f"https://cdn.knightlab.com/libs/storymapjs/latest/embed/?url=https://uploads.knightlab.com/storymapjs/{HEX}/the-harbour/draft.json",
        f"storymap/{HEX}/the-harbour",
    ),
    ("https://cdn.knightlab.com/libs/juxtapose/latest/embed/index.html?uid=01234567-89ab-11e5", "juxtapose/01234567-89ab-11e5"),
    (f"https://view.genial.ly/{HEX[:24]}/interactive-image-boats", f"genially/{HEX[:24]}"),
    ("https://www.thinglink.com/card/123456789", "thinglink/123456789"),
    ("https://www.documentcloud.org/documents/1234567-report/annotations/99", "documentcloudnote/1234567/annotations/99"),
    ("https://www.documentcloud.org/documents/1234567-report.html#document/p3/a99", "documentcloudnote/1234567/annotations/99"),
    ("https://www.documentcloud.org/documents/1234567/pages/report-p3.html", "documentcloudpage/1234567/pages/3"),
    ("https://embed.documentcloud.org/documents/1234567-report/?embed=1&responsive=1", "documentcloud/1234567"),
    ("https://es.scribd.com/document/12345678/Report", "scribd/12345678"),
    ("https://e.issuu.com/embed.html?d=boats&u=mira&pageNumber=3", "issuu/mira/docs/boats"),
    ("https://issuu.com/mira/docs/boats/12", "issuu/mira/docs/boats"),
    ("//e.issuu.com/embed.html#1234567/89012345", "issuu2013/1234567/89012345"),
    ("https://www.slideshare.net/slideshow/embed_code/key/aB3dE5fG7hJ9kL", "slideshare/key/aB3dE5fG7hJ9kL"),
    ("https://speakerdeck.com/player/" + HEX, "speakerdeck/" + HEX),
    ("https://prezi.com/p/embed/aB3dE5fG7hJ9/", "prezi/aB3dE5fG7hJ9"),
    ("http://prezi.com/ab3_e5fg7hj9/boats/", "prezi/ab3_e5fg7hj9"),
    (
        "https://docs.google.com/presentation/d/1aB_cD3-eF4gH5iJ6kL7mN8/embed?start=false",
        "googledocs/presentation/d/1aB_cD3-eF4gH5iJ6kL7mN8/embed",
    ),
    ("https://drive.google.com/file/d/1aB_cD3-eF4gH5iJ6kL7mN8/view?usp=sharing", "googledrive/1aB_cD3-eF4gH5iJ6kL7mN8"),
    ("https://lookerstudio.google.com/embed/reporting/01ab-cd/page/eF2", "lookerstudio/01ab-cd/page/eF2"),
    (f"//v.calameo.com/?bkcode={HEX[:21]}&mode=mini", f"calameo/{HEX[:21]}"),
    ("https://archive.org/embed/the-harbour-1954", "archiveorg/the-harbour-1954"),
    ("https://embed.ted.com/talks/lang/uk/mira_boats_at_night.html", "ted/mira_boats_at_night"),
    ("https://bandcamp.com/EmbeddedPlayer/v=2/album=12/size=large/track=34/transparent=true/", "bandcamp/track=34"),
    ("https://bandcamp.com/EmbeddedPlayer/album=12/size=large/", "bandcamp/album=12"),
    ("//ok.ru/videoembed/1234567890", "okru/1234567890"),
    (f"https://rutube.ru/play/embed/{HEX}/?p=x", f"rutube/{HEX}"),
    ("https://www.bitchute.com/embed/aB3dE5fG7hJ9/", "bitchute/aB3dE5fG7hJ9"),
    ("https://www.mixcloud.com/widget/iframe/?hide_cover=1&feed=%2Fmira%2Fboats%2F", "mixcloud/mira/boats"),
    (
        "https://player-widget.mixcloud.com/widget/iframe/?feed=https%3A%2F%2Fwww.mixcloud.com%2Fmira%2Fboats%2F",
        "mixcloud/mira/boats",
    ),
    ("https://embed.podcasts.apple.com/ua/podcast/boats/id123?i=456&theme=light", "applepodcast/id123?i=456"),
    ("https://embed.podcasts.apple.com/us/podcast/boats/id123", "applepodcasts/id123"),
)
NOTHING = (
    "https://www.google.com/maps/place/Kyiv/@50.4,30.5,11z",
    "https://www.google.com/search?q=maps",
    "https://maps.google.com/maps/api/js?key=x",
    "https://e.infogram.com/js/dist/embed.js",
    "https://infogram.com/templates",
    "https://www.datawrapper.de/blog/",
    "https://prezi.com/integrations/",
    "https://www.scribd.com/user/123/mira",
    "https://storify.com/mira",
    "https://www.documentcloud.org/home",
    "https://archive.org/web/",
    "https://issuu.com/mira",
)


@pytest.mark.parametrize(("url", "post_id"), ADDRESSES)
def test_an_address_names_what_it_frames_and_so_does_its_canonical_one(url: str, post_id: str) -> None:
    platform = platform_named("framed")

    assert platform is not None
    assert platform.parse_url(url) == post_id
    assert post_of_url(platform.canonical_url(post_id)) == PostRef("framed", post_id)


@pytest.mark.parametrize("url", NOTHING)
def test_other_pages_of_these_services_are_nothing_framed(url: str) -> None:
    assert post_of_url(url) is None


def test_every_kind_has_an_address_here_or_an_example() -> None:
    platform = platform_named("framed")
    assert platform is not None
    shown = {str(post_id) for example in platform.examples for post_id in example.posts} | {post_id for _, post_id in ADDRESSES}

    assert {form.kind for form in FORMS} - {post_id.partition("/")[0] for post_id in shown} == set()


def test_a_frame_says_what_it_is_called() -> None:
    found = find_embeds(Document("https://b.example/", '<iframe title="Boats" src="https://flo.uri.sh/story/7/embed"></iframe>'))

    assert [(embed.post_id, embed.text) for embed in found.embeds] == [("flourish/story/7", "Boats")]


@pytest.mark.parametrize(
    "post_id", ["datawrapper/aBc12", "flourish/story/7", "scribd/123", "issuu/mira/docs/boats", "documentcloud/9"]
)
def test_an_endpoint_replies_about_the_same_post(post_id: str) -> None:
    platform = platform_named("framed")
    assert platform is not None
    [ask] = platform.requests_about(post_id)
    reply = {"type": "rich", "version": "1.0", "title": "Boats", "author_name": "Mira", "html": "<iframe></iframe>"}

    assert platform_of_reply(ask.url) is platform
    read = platform.read_reply(ask.url, 200, None, json.dumps(reply).encode())
    gone = platform.read_reply(ask.url, 404, None, b"")

    assert read is not None and gone is not None
    assert [(statement.post_id, statement.state, statement.text, statement.author_name) for statement in read.statements] == [
        (post_id, PostState.LIVE, "Boats", "Mira")
    ]
    assert [(statement.post_id, statement.state) for statement in gone.statements] == [(post_id, PostState.GONE)]


def test_what_has_no_endpoint_has_no_requests() -> None:
    platform = platform_named("framed")

    assert platform is not None and platform.requests_about("liveuamap/liveuamap.com") == ()


@pytest.mark.parametrize("post_id", ["applepodcast/id1234567890?i=1000123456789", "applepodcasts/id1234567890"])
def test_apples_podcasts_are_asked_for_title_and_cover(post_id: str) -> None:
    framed = platform_named("framed")
    assert framed is not None
    request = framed.requests_about(post_id)[0]
    assert request.url.startswith(
        "https://podcasts.apple.com/api/oembed?url=https%3A%2F%2Fpodcasts.apple.com%2Fus%2Fpodcast%2Fid"
    )
    assert platform_of_reply(request.url) is framed
    cover = "https://is1-ssl.mzstatic.com/image/thumb/x/600x600bb.jpg"
    body = {"type": "rich", "title": "Rye and wheat", "html": "<iframe></iframe>", "thumbnail_url": cover}

    found = framed.read_reply(request.url, 200, None, json.dumps(body).encode())

    assert found is not None
    (stated,) = found.statements
    assert (stated.post_id, stated.state, stated.text) == (post_id, PostState.LIVE, "Rye and wheat")
    assert [one.url for one in stated.media] == [cover]
    assert framed.read_reply("https://podcasts.apple.com/api/oembed?url=https%3A%2F%2Fa.example%2F", 200, None, b"{}") is not None
