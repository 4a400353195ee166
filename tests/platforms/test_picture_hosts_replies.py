"""What the oEmbed replies of the picture and sound hosts say, and what their embed codes show."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.extraction.record import extract
from archiver.html.document import Document
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.model.findings import Embed, Findings, PostState, Source, Statement
from archiver.platforms import platform_named, platform_of_reply, stand_in
from archiver.platforms.imgur import Imgur
from archiver.wire.http1 import ResponseHead
from archiver.wire.spool import Spool
from tests.support.photos import landscape, saved

CODE = "1aBcDeFgHiJkLmNoPqRsTu"
ASKED = {
    "tumblr": "mira-bakes/712345678901",
    "pinterest": "987654321012",
    "flickr": "4123456789",
    "imgur": "Ab3dE7g",
    "giphy": "l0aBcDeFgHiJkLmNo",
    "soundcloud": "tracks/123456",
    "spotify": f"album/{CODE}",
}


def oembed_url(name: str) -> str:
    platform = platform_named(name)
    assert platform is not None
    ask = platform.requests_about(ASKED[name])[0]
    return ask.url


def read(name: str, status: int, reply: object) -> Findings:
    url = oembed_url(name)
    platform = platform_of_reply(url)
    assert platform is platform_named(name)
    assert platform is not None
    findings = platform.read_reply(url, status, None, reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    assert findings is not None
    return findings


def statement(name: str, reply: dict[str, object], status: int = 200) -> Statement:
    (stated,) = read(name, status, {"version": "1.0", "type": "rich", "html": "<div></div>", **reply}).statements
    assert (stated.platform, stated.post_id, stated.source) == (name, ASKED[name], Source.OEMBED)
    return stated


def test_tumblr_tells_the_blog() -> None:
    stated = statement("tumblr", {"author_name": "Mira bakes", "author_url": "https://www.tumblr.com/mira-bakes", "height": None})

    assert (stated.state, stated.author, stated.author_name, stated.text) == (PostState.LIVE, "mira-bakes", "Mira bakes", None)


def test_pinterest_tells_title_person_and_picture() -> None:
    picture = "https://i.pinimg.com/236x/01/23/45/0123456789abcdef0123456789abcdef.jpg"
    stated = statement(
        "pinterest",
        {
            "title": "Rye",
            "author_name": "Mira K",
            "author_url": "https://www.pinterest.com/mira_bakes/",
            "thumbnail_url": picture,
        },
    )

    assert (stated.author, stated.author_name, stated.text) == ("mira_bakes", "Mira K", "Rye")
    assert [ref.key for ref in stated.media] == ["i.pinimg.com/01/23/45/0123456789abcdef0123456789abcdef"]


def test_flickr_tells_a_photo_once_in_all_its_sizes() -> None:
    stated = statement(
        "flickr",
        {
            "type": "photo",
            "title": "Rye",
            "author_name": "Mira",
            "author_url": "https://www.flickr.com/photos/mira_k/",
            "url": "https://live.staticflickr.com/2345/4123456789_0a1b2c3d4e_b.jpg",
            "width": "1024",
            "thumbnail_url": "https://live.staticflickr.com/2345/4123456789_0a1b2c3d4e_q.jpg",
        },
    )

    assert (stated.author, stated.text) == ("mira_k", "Rye")
    assert [(ref.key, ref.width) for ref in stated.media] == [("live.staticflickr.com/4123456789", 1024)]


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (
            '<blockquote data-id="Ab3dE7g"><a href="https://imgur.com/Ab3dE7g">Rye bread</a></blockquote>',
            "Rye bread",
        ),
        ('<blockquote data-id="Ab3dE7g"><a href="https://imgur.com/Ab3dE7g">View post on imgur.com</a></blockquote>', None),
        ("<p>no box</p>", None),
    ],
)
def test_imgur_has_the_title_in_the_code_alone(html: str, title: str | None) -> None:
    assert statement("imgur", {"html": html}).text == title


def test_giphy_tells_who_made_an_animation() -> None:
    stated = statement(
        "giphy",
        {
            "type": "photo",
            "title": "Bread GIF",
            "author_name": "Mira",
            "author_url": "https://giphy.com/mira_bakes/",
            "url": "https://media3.giphy.com/media/l0aBcDeFgHiJkLmNo/giphy.gif",
        },
    )

    assert (stated.author, stated.text, [ref.key for ref in stated.media]) == (
        "mira_bakes",
        "Bread GIF",
        ["media.giphy.com/l0aBcDeFgHiJkLmNo"],
    )


def test_soundcloud_is_requested_by_the_number_of_a_sound() -> None:
    assert "api.soundcloud.com%2Ftracks%2F123456" in oembed_url("soundcloud")
    stated = statement("soundcloud", {"title": "Rye by Mira", "author_name": "Mira", "author_url": "https://soundcloud.com/mira"})

    assert (stated.author, stated.text) == ("mira", "Rye by Mira")


def test_spotify_tells_title_and_cover() -> None:
    cover = "https://i.scdn.co/image/ab67616d00001e020123456789abcdef01234567"
    stated = statement("spotify", {"title": "Rye songs", "thumbnail_url": cover, "thumbnail_width": 300})

    assert (stated.text, stated.author, [ref.key for ref in stated.media]) == (
        "Rye songs",
        None,
        ["i.scdn.co/0123456789abcdef01234567"],
    )


def test_what_oembed_does_not_take_is_not_requested() -> None:
    tumblr, spotify = platform_named("tumblr"), platform_named("spotify")

    assert tumblr is not None and tumblr.requests_about("t:Ab3dEfGh1JkLmN0pQrStUv/712345678901") == ()
    assert spotify is not None and spotify.requests_about("pod/rye-talk/Rye-e1a2b3c") == ()


@pytest.mark.parametrize("name", ASKED)
def test_not_found_is_a_state_and_overload_is_none(name: str) -> None:
    assert [stated.state for stated in read(name, 404, b"Not Found").statements] == [PostState.GONE]
    assert read(name, 429, b"slow down") == Findings()
    assert read(name, 503, {"title": "x"}) == Findings()
    assert read(name, 200, b"<html>log in</html>") == Findings()


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("nonsense", [None, 7, True, [], [{}], {"x": []}, "", "//[", "\x00"])
def test_wrong_types_in_a_reply_leave_fields_out(name: str, nonsense: object) -> None:
    fields = ("title", "author_name", "author_url", "url", "thumbnail_url", "thumbnail_width", "width", "description")
    stated = statement(name, {**dict.fromkeys(fields, nonsense), "html": nonsense, "type": "photo"})

    assert (stated.author, stated.media) == (None, ())


def embed_in(html: str) -> Embed:
    (embed,) = find_embeds(Document("https://blog.example/a", f"<html><body><p>Before.</p>{html}</body></html>")).embeds
    return embed


@pytest.mark.parametrize(
    ("html", "author", "text"),
    [
        (
            '<blockquote class="reddit-embed-bq"><a href="https://redd.it/1ab2cde">First loaf</a><br> by '
            '<a href="https://www.reddit.com/user/mira_k/">u/mira_k</a> in <a href="https://www.reddit.com/r/bakery/">bakery</a></blockquote>',
            "mira_k",
            "First loaf",
        ),
        (
            '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/bakery/comments/1ab2cde/comment/kx12yz3/">Comment</a>'
            ' by <a href="https://www.reddit.com/user/ann-o/">u/ann-o</a></blockquote>',
            "ann-o",
            None,
        ),
        (
            '<div class="tumblr-post" data-href="https://embed.tumblr.com/embed/post/t:Ab3dEfGh1JkLmN0pQrStUv/7123/v2">'
            '<a href="https://mira-bakes.tumblr.com/post/7123">https://mira-bakes.tumblr.com/post/7123</a></div>',
            "mira-bakes",
            None,
        ),
        ('<a data-pin-do="embedPin" href="https://www.pinterest.com/pin/987654321012/">Rye bread</a>', None, "Rye bread"),
        (
            '<blockquote class="imgur-embed-pub" data-id="a/x7YzQ"><a href="//imgur.com/a/x7YzQ">Loaves</a></blockquote>',
            None,
            "Loaves",
        ),
    ],
)
def test_an_embed_code_shows_author_and_title(html: str, author: str | None, text: str | None) -> None:
    embed = embed_in(html)

    assert (embed.author, embed.text) == (author, text)


@pytest.mark.parametrize(
    ("caption", "alt", "name", "text"),
    [
        ("Bread by night by Mira K, on Flickr", "Bread by night", "Mira K", "Bread by night"),
        ("Rye", "Rye", None, "Rye"),
        ("", "Rye", None, "Rye"),
        ("", "", None, None),
    ],
)
def test_a_flickr_code_shows_title_name_and_picture(caption: str, alt: str, name: str | None, text: str | None) -> None:
    picture = "https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg"
    embed = embed_in(
        f'<a data-flickr-embed="true" href="https://www.flickr.com/photos/mira_k/51234567890/" title="{caption}">'
        f'<img src="{picture}" alt="{alt}"></a>'
    )

    assert (embed.author_name, embed.text, embed.media) == (name, text, (picture,))


def test_a_flickr_stream_stands_for_the_photo_that_it_shows() -> None:
    embed = embed_in(
        '<a data-flickr-embed="true" href="https://www.flickr.com/photos/mira_k" title="Mira\'s photos">'
        '<img src="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg" alt="Rye"></a>'
    )

    assert (embed.post_id, embed.text) == ("51234567890", "Rye")


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://imgur.com/Ab3dE7g"><img src="https://i.imgur.com/Zy9x8W7.jpg"></a>',
        '<a href="https://imgur.com/Ab3dE7g"><img src="https://blog.example/Ab3dE7g.jpg"></a>',
        '<a href="https://i.imgur.com/Ab3dE7g.png"><img src="https://i.imgur.com/Ab3dE7gl.png"></a>',
        '<a href="https://www.flickr.com/photos/mira_k/"><img src="https://live.staticflickr.com/65535/51234567890_0a1b2c3d4e_z.jpg"></a>',
    ],
)
def test_a_picture_is_an_embed_only_where_it_leads_to_its_own_page(html: str) -> None:
    assert find_embeds(Document("https://blog.example/a", html)).embeds == ()


def test_a_lazily_loaded_picture_leads_to_its_page_too() -> None:
    embed = embed_in(
        '<a href="https://imgur.com/Ab3dE7g"><figure><img src="data:," data-lazy-src="https://i.imgur.com/Ab3dE7gh.jpg"></figure></a>'
    )

    assert (embed.platform, embed.post_id, embed.media) == ("imgur", "Ab3dE7g", ("https://i.imgur.com/Ab3dE7gh.jpg",))


# --- what Imgur serves in place of pictures -------------------------------------------------------------------


def test_a_picture_of_imgurs_has_its_id_for_an_address() -> None:
    """Its oEmbed replies are code without a picture, so that none was fetched."""
    code = '<blockquote class="imgur-embed-pub" data-id="Ab3dE7g"><a href="//imgur.com/Ab3dE7g">Rye</a></blockquote>'

    (medium,) = statement("imgur", {"type": "rich", "html": code}).media

    assert (medium.url, medium.key) == ("https://i.imgur.com/Ab3dE7g.jpg", "i.imgur.com/Ab3dE7g")
    assert statement("imgur", {"type": "rich", "html": code.replace("Ab3dE7g", "Zy9x8W7")}).media == ()


def served(url: str, data: bytes) -> Findings:
    head = ResponseHead("HTTP/1.1", 200, b"OK", ((b"Content-Type", b"image/png"),))
    return extract(CapturedResponse(url, datetime(2026, 9, 1, tzinfo=UTC), head, Spool(data), ResourceType.IMAGE))


def test_imgurs_picture_for_other_countries_is_not_taken_for_the_one_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """British readers get one picture of words for all, with status 200; it was kept as the original of each."""
    notice = saved(landscape())
    monkeypatch.setattr(Imgur, "stand_ins", {sha256(notice).hexdigest(): PostState.WITHHELD})

    withheld = served("https://i.imgur.com/Ab3dE7g.png", notice)
    assert withheld == Findings(refusal="serves a picture in place of one that is withheld")
    for url, data in (("https://i.imgur.com/Ab3dE7g.png", notice + b"x"), ("https://blog.example/notice.png", notice)):
        assert served(url, data).media is not None
        assert served(url, data).refusal is None


@pytest.mark.parametrize(
    ("digest", "state"),
    [
        ("faa24ec881e6040655c187a681d6dc496eb8aa41e1bd0652a180b3a40b457187", PostState.WITHHELD),
        ("9b5936f4006146e4e1e9025b474c02863c0b5614132ad40db4b925a10e8bfbb9", PostState.GONE),
        ("0" * 64, None),
    ],
)
def test_the_pictures_that_imgur_serves_for_others_are_known_by_their_digest(digest: str, state: PostState | None) -> None:
    assert stand_in("https://i.imgur.com/Ab3dE7g.png", digest) is state
    assert stand_in("https://i.imgur.io/Ab3dE7gh.jpg", digest) is state
    assert stand_in("https://imgur.example/Ab3dE7g.png", digest) is None


def test_the_picture_to_which_imgur_redirects_from_what_is_removed_is_none_of_a_post() -> None:
    imgur = platform_named("imgur")
    assert imgur is not None

    assert imgur.media_key("https://i.imgur.com/removed.png") is None
    assert imgur.media_key("https://i.imgur.com/Ab3dE7g.png") == "i.imgur.com/Ab3dE7g"
