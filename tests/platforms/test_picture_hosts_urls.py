"""Addresses of posts, short links and media of the picture and sound hosts, in the forms that real pages have."""

import pytest

from archiver.model.findings import PostRef
from archiver.platforms import media_key_of, media_urls_of, platform_named, post_of_url, short_link_of

CODE = "1aBcDeFgHiJkLmNoPqRsTu"
HASH = "0123456789abcdef0123456789abcdef"

SAME: dict[tuple[str, str], list[str]] = {
    ("reddit", "1ab2cde"): [
        "https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/",
        "http://reddit.com/r/bakery/comments/1ab2cde",
        "https://old.reddit.com/r/bakery/comments/1AB2CDE/first_loaf/?sort=new",
        "https://de.reddit.com/user/mira_k/comments/1ab2cde/first_loaf/",
        "https://np.reddit.com/comments/1ab2cde/",
        "https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/new/",
        "https://www.reddit.com/gallery/1ab2cde",
        "https://www.reddit.com/r/bakery/duplicates/1ab2cde/first_loaf/",
        "https://www.reddit.com/by_id/t3_1ab2cde",
        "https://redd.it/1ab2cde",
        "https://www.redditmedia.com/r/bakery/comments/1ab2cde/embed",
        "https://embed.reddit.com/r/bakery/comments/1ab2cde/first_loaf/?embed=true&theme=dark",
        "https://publish.reddit.com/embed?url=https%3A%2F%2Fwww.reddit.com%2Fr%2Fbakery%2Fcomments%2F1ab2cde%2Ffirst_loaf%2F",
        "https://reddit.com/link/1ab2cde/video/abcdefgh123/player",
        "https://libredd.it/r/bakery/comments/1ab2cde/first_loaf",
        "https://web.archive.org/web/2020/https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/",
        "https://out.reddit.com/t3_x?url=https%3A%2F%2Fredd.it%2F1ab2cde",
    ],
    ("reddit", "1ab2cde/kx12yz3"): [
        "https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/kx12yz3/?context=3",
        "https://www.reddit.com/r/bakery/comments/1ab2cde/comment/kx12yz3/",
        "https://old.reddit.com/comments/1ab2cde/_/kx12yz3",
        "https://www.reddit.com/r/bakery/comments/1ab2cde//kx12yz3",
    ],
    ("tumblr", "mira-bakes/712345678901"): [
        "https://mira-bakes.tumblr.com/post/712345678901/rye-bread",
        "http://Mira-Bakes.tumblr.com/image/712345678901",
        "https://mira-bakes.tumblr.com/712345678901/rye",
        "https://www.tumblr.com/mira-bakes/712345678901/rye?source=share",
        "https://www.tumblr.com/@mira-bakes/712345678901",
        "https://www.tumblr.com/blog/view/mira-bakes/712345678901",
        "https://tumblr.com/dashboard/blog/mira-bakes/712345678901",
        "https://www.tumblr.com/video_file/t:AbC/mira-bakes/712345678901/tumblr_x/480",
        "https://t.umblr.com/redirect?z=https%3A%2F%2Fmira-bakes.tumblr.com%2Fpost%2F712345678901&t=x",
    ],
    ("pinterest", "987654321012"): [
        "https://www.pinterest.com/pin/987654321012/",
        "http://pinterest.com/pin/987654321012",
        "https://www.pinterest.co.uk/pin/987654321012/?nic_v3=1a",
        "https://br.pinterest.com/pin/rye-bread--987654321012/",
        "https://www.pinterest.com.mx/amp/pin/987654321012/",
        "https://assets.pinterest.com/ext/embed.html?grammar=full&id=987654321012",
    ],
    ("flickr", "4123456789"): [
        "https://www.flickr.com/photos/mira_k/4123456789/",
        "http://flickr.com/photos/12345678@N00/4123456789/in/set-72157600012345/lightbox/",
        "https://m.flickr.com/photos/mira_k/4123456789",
        "https://www.flickr.com/photos/mira_k/albums/72157600012345/with/4123456789/",
        "https://www.flickr.com/photo.gne?id=4123456789",
        "https://flic.kr/p/7hnN3z",
        "https://www.flickr.com/photo.gne?short=7hnN3z",
        "http://farm3.static.flickr.com/2345/4123456789_0a1b2c3d4e_o.jpg",
        "https://c2.staticflickr.com/4/2345/4123456789_0a1b2c3d4e_b.jpg",
    ],
    ("flickr", "album/72157650686499888"): [
        "https://www.flickr.com/photos/mira_k/sets/72157650686499888/",
        "https://www.flickr.com/photos/mira_k/albums/72157650686499888",
        "https://flic.kr/s/aHsk8hUbqq",
        "https://www.flickr.com/apps/slideshow/show.swf?v=1&set_id=72157650686499888",
    ],
    ("imgur", "Ab3dE7g"): [
        "https://imgur.com/Ab3dE7g",
        "http://m.imgur.com/Ab3dE7g?tags",
        "https://www.imgur.com/Ab3dE7g.png",
        "https://i.imgur.com/Ab3dE7gh.jpg",
        "https://i.imgur.com/Ab3dE7g_d.webp?maxwidth=640",
        "https://i.imgur.com/Ab3dE7g.gifv",
        "https://imgur.com/Ab3dE7g/embed?pub=true",
        "https://imgur.com/r/bread/Ab3dE7g",
        "https://imgur.com/rye-bread-Ab3dE7g",
    ],
    ("imgur", "WAot9"): ["http://imgur.com/WAot9", "http://i.imgur.com/WAot9.jpg", "http://i.imgur.com/WAot9l.jpg"],
    ("imgur", "a/x7YzQ"): ["https://imgur.com/a/x7YzQ", "https://imgur.com/a/x7YzQ#3", "//imgur.com/a/rye-bread-x7YzQ/embed"],
    ("imgur", "gallery/x7YzQ12"): ["https://imgur.com/gallery/x7YzQ12", "https://imgur.com/t/bread/rye-x7YzQ12"],
    ("giphy", "l0aBcDeFgHiJkLmNo"): [
        "https://giphy.com/gifs/bread-rye-l0aBcDeFgHiJkLmNo",
        "https://giphy.com/embed/l0aBcDeFgHiJkLmNo/twitter/iframe",
        "https://giphy.com/stickers/l0aBcDeFgHiJkLmNo/tile",
        "https://media3.giphy.com/media/v1.Y2lkPTc5MGI3NjExd3/l0aBcDeFgHiJkLmNo/200w.webp",
        "https://i.giphy.com/l0aBcDeFgHiJkLmNo.gif",
    ],
    ("soundcloud", "mira/rye-song"): [
        "https://soundcloud.com/mira/rye-song",
        "http://www.soundcloud.com/mira/rye-song?in=mira/sets/x#t=1:02",
        "https://m.soundcloud.com/mira/rye-song/recommended",
        "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/mira/rye-song&color=ff5500",
    ],
    ("soundcloud", "mira/rye-song/s-aBcDe"): ["https://soundcloud.com/mira/rye-song/s-aBcDe?si=1"],
    ("soundcloud", "tracks/123456"): [
        "https://api.soundcloud.com/tracks/123456",
        "https://w.soundcloud.com/player/?url=http%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F123456&auto_play=false",
        "https://w.soundcloud.com/player/?url=http://api.soundcloud.com/tracks/123456",
        "https://w.soundcloud.com/player/?url=%2Ftracks%2F123456",
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/soundcloud%253Atracks%253A123456",
    ],
    ("soundcloud", "tracks/123456/s-aBcDe"): [
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/123456%3Fsecret_token%3Ds-aBcDe&color=0",
        "https://w.soundcloud.com/player/?secret_token=s-aBcDe&url=https://api.soundcloud.com/tracks/123456",
    ],
    ("spotify", f"track/{CODE}"): [
        f"https://open.spotify.com/track/{CODE}?si=abc",
        f"https://open.spotify.com/intl-pt/track/{CODE}",
        f"https://open.spotify.com/embed/track/{CODE}?theme=0",
        f"https://play.spotify.com/track/{CODE}",
        f"https://embed.spotify.com/?uri=spotify:track:{CODE}&theme=white",
        f"https://open.spotify.com/embed?uri=spotify%3Atrack%3A{CODE}",
    ],
    ("spotify", f"playlist/{CODE}"): [
        f"https://open.spotify.com/user/mira/playlist/{CODE}",
        f"https://open.spotify.com/embed/user/mira/playlist/{CODE}",
    ],
    ("spotify", "pod/rye-talk/Rye-e1a2b3c"): [
        "https://podcasters.spotify.com/pod/show/rye-talk/episodes/Rye-e1a2b3c",
        "https://creators.spotify.com/pod/profile/rye-talk/embed/episodes/Rye-e1a2b3c/a-a4d5e6f",
        "https://anchor.fm/rye-talk/episodes/Rye-e1a2b3c",
    ],
}
FORMS = [pytest.param(url, PostRef(*post), id=url) for post, urls in SAME.items() for url in urls]


@pytest.mark.parametrize(("url", "post"), FORMS)
def test_every_form_of_an_address_names_the_same_post(url: str, post: PostRef) -> None:
    assert post_of_url(url) == post


@pytest.mark.parametrize("post", SAME, ids="/".join)
def test_a_post_has_a_canonical_address_that_names_it(post: tuple[str, str]) -> None:
    platform = platform_named(post[0])

    assert platform is not None
    assert post_of_url(platform.canonical_url(post[1])) == PostRef(*post)


def test_a_spotify_uri_names_its_track() -> None:
    spotify = platform_named("spotify")

    assert spotify is not None
    assert spotify.parse_url(f"spotify:user:mira:playlist:{CODE}") == f"playlist/{CODE}"
    assert spotify.parse_url("spotify:artist:" + CODE) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com/r/bakery/",
        "https://www.reddit.com/user/mira_k/comments/",
        "https://www.reddit.com/video/abcdefgh123",
        "https://i.redd.it/abcdefgh123.jpg",
        "https://redd.it/r/bakery",
        "https://notreddit.com/comments/1ab2cde",
        "https://www.tumblr.com/tagged/20180101",
        "https://www.tumblr.com/search/123456789",
        "https://www.tumblr.com/embed/post/",
        "https://64.media.tumblr.com/tumblr_n1aBcD_500.jpg",
        "https://mira-bakes.tumblr.com/archive/2018/1",
        "https://www.pinterest.com/pin/create/button/?url=https://www.pinterest.com/pin/98765/",
        "https://www.pinterest.com/mira_bakes/rye-bread/",
        "https://pinterest.evil.example/pin/98765/",
        "https://www.flickr.com/photos/mira_k/",
        "https://www.flickr.com/photos/12345678@N00",
        "https://www.flickr.com/photos/mira_k/with/",
        "https://www.flickr.com/photos/tags/2018/",
        "https://flic.kr/ps/abcde",
        "https://flic.kr/p/0OIl",
        "https://imgur.com/gallery",
        "https://imgur.com/privacy",
        "https://imgur.com/user/mira",
        "https://i.imgur.com/removed.png",
        "https://i.stack.imgur.com/aBcDe.png",
        "https://giphy.com/gifs/reactions-happy",
        "https://giphy.com/channel/mirabakes2020",
        "https://soundcloud.com/mira",
        "https://soundcloud.com/mira/sets",
        "https://soundcloud.com/mira/likes",
        "https://soundcloud.com/search/sounds",
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/users/12345",
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fw.soundcloud.com%2Fplayer%2F%3Furl%3Dx",
        "https://open.spotify.com/artist/" + CODE,
        "https://open.spotify.com/user/mira",
        "https://embed.spotify.com/follow/1/?uri=spotify:artist:" + CODE,
        "https://anchor.fm/rye-talk",
    ],
)
def test_profiles_lists_and_buttons_name_no_post(url: str) -> None:
    assert post_of_url(url) is None


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("https://www.reddit.com/r/bakery/s/aBcD3fGh1J?x=1", "reddit.com/r/bakery/s/aBcD3fGh1J"),
        ("https://v.redd.it/abcdefgh123", "v.redd.it/abcdefgh123"),
        ("https://v.redd.it/abcdefgh123/DASH_720.mp4", None),
        ("tmblr.co/ZaBcDe1fGhIjK", "tmblr.co/ZaBcDe1fGhIjK"),
        ("https://at.tumblr.com/mira-bakes/rye/abcdef123456", "at.tumblr.com/mira-bakes/rye/abcdef123456"),
        ("https://pin.it/4AbCdEf", "pin.it/4AbCdEf"),
        ("http://gph.is/2aBcDeF", "gph.is/2aBcDeF"),
        ("https://on.soundcloud.com/aBcDe", "on.soundcloud.com/aBcDe"),
        ("https://spotify.link/aBcDeFgHiJ", "spotify.link/aBcDeFgHiJ"),
        ("https://www.reddit.com/r/bakery/", None),
    ],
)
def test_short_links_are_known_by_one_key(reference: str, key: str | None) -> None:
    assert short_link_of(reference) == key


@pytest.mark.parametrize(
    ("url", "key", "original"),
    [
        (
            "https://preview.redd.it/first-loaf-v0-abcdefgh123.jpeg?width=640&s=1a",
            "i.redd.it/abcdefgh123",
            "https://i.redd.it/abcdefgh123.jpeg",
        ),
        (
            "http://25.media.tumblr.com/tumblr_n1aBcDeFgH1_250.jpg",
            "media.tumblr.com/tumblr_n1aBcDeFgH1",
            "https://64.media.tumblr.com/tumblr_n1aBcDeFgH1_1280.jpg",
        ),
        (
            f"https://66.media.tumblr.com/{HASH}/tumblr_inline_n1aBcD_r1_540.png",
            "media.tumblr.com/tumblr_inline_n1aBcD_r1",
            f"https://64.media.tumblr.com/{HASH}/tumblr_inline_n1aBcD_r1_1280.png",
        ),
        (
            f"https://64.media.tumblr.com/{HASH}/0123456789abcdef-0a/s540x810/{HASH}.jpg",
            f"media.tumblr.com/{HASH}/0123456789abcdef-0a",
            f"https://64.media.tumblr.com/{HASH}/0123456789abcdef-0a/s540x810/{HASH}.jpg",
        ),
        (
            f"https://i.pinimg.com/236x/01/23/45/{HASH}.jpg",
            f"i.pinimg.com/01/23/45/{HASH}",
            f"https://i.pinimg.com/originals/01/23/45/{HASH}.jpg",
        ),
        (
            "http://farm3.static.flickr.com/2345/4123456789_0a1b2c3d4e_m.jpg",
            "live.staticflickr.com/4123456789",
            "https://live.staticflickr.com/2345/4123456789_0a1b2c3d4e_b.jpg",
        ),
        (
            "https://live.staticflickr.com/2345/4123456789_ffffffffff_o.jpg",
            "live.staticflickr.com/4123456789",
            "https://live.staticflickr.com/2345/4123456789_ffffffffff_o.jpg",
        ),
        ("https://i.imgur.com/Ab3dE7gl.jpg?1", "i.imgur.com/Ab3dE7g", "https://i.imgur.com/Ab3dE7g.jpg"),
        ("https://i.imgur.com/Ab3dE7g.gifv", "i.imgur.com/Ab3dE7g", "https://i.imgur.com/Ab3dE7g.mp4"),
        ("https://i.imgur.com/removed.png", "i.imgur.com/removed.png", "https://i.imgur.com/removed.png"),
        (
            "https://media2.giphy.com/media/l0aBcDeFgHiJkLmNo/200.gif",
            "media.giphy.com/l0aBcDeFgHiJkLmNo",
            "https://media.giphy.com/media/l0aBcDeFgHiJkLmNo/giphy.gif",
        ),
        (
            "https://i1.sndcdn.com/artworks-000123-aBcDe-large.jpg",
            "i1.sndcdn.com/artworks-000123-aBcDe",
            "https://i1.sndcdn.com/artworks-000123-aBcDe-original.jpg",
        ),
        (
            "https://i.scdn.co/image/ab67616d00001e020123456789abcdef01234567",
            "i.scdn.co/0123456789abcdef01234567",
            "https://i.scdn.co/image/ab67616d0000b2730123456789abcdef01234567",
        ),
    ],
)
def test_all_sizes_of_a_picture_have_one_key_and_the_original_is_tried_first(url: str, key: str, original: str) -> None:
    assert media_key_of(url) == key
    assert media_urls_of(url)[0] == original
    assert all(media_key_of(size) == key for size in media_urls_of(url))
