"""Found by every kind of scrap that a person may still hold."""

import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from archiver.model.exchange import ResourceType
from archiver.query.archive import Archive
from archiver.sampleweb import SAMPLE_POST
from archiver.storage.index.results import ArchivedPage, ArchivedPost, Result
from tests.support.crawled import Crawled
from tests.support.exchanges import PAGE_URL, exchange
from tests.support.recording import keep, recording

ID = "1568656084437740674"
CODE = "uOWxLTTvGP"
KEY = "FcT8ZZ_dlEiDePQ"


@pytest.fixture(scope="module")
def archive(crawled: Crawled) -> Iterator[Archive]:
    with Archive.open(crawled.data_dir) as opened:
        yield opened


def found(archive: Archive, reference: str) -> tuple[Result, ...]:
    return archive.find(reference).results


SCRAPS = (
    # short links, in all spellings
    f"pic.twitter.com/{CODE}",
    f"https://pic.twitter.com/{CODE}",
    f"http://pic.twitter.com/{CODE}",
    f"pic.x.com/{CODE}",
    f"t.co/{CODE}",
    f"https://t.co/{CODE}",
    f"http://t.co/{CODE}",
    f"  https://t.co/{CODE}\n",
    f"https://t.co/{CODE}.",
    f"https://web.archive.org/web/2022/https://t.co/{CODE}",
    CODE,
    # the post's address, in all forms
    ID,
    f"https://twitter.com/AnonymousUK2022/status/{ID}",
    f"http://twitter.com/AnonymousUK2022/status/{ID}?ref_src=twsrc%5Etfw",
    f"twitter.com/AnonymousUK2022/status/{ID}",
    f"https://x.com/AnonymousUK2022/status/{ID}/photo/1",
    f"https://mobile.twitter.com/AnonymousUK2022/statuses/{ID}",
    f"https://twitter.com/i/web/status/{ID}",
    f"https://twitter.com/#!/AnonymousUK2022/status/{ID}",
    f"https://nitter.net/AnonymousUK2022/status/{ID}#m",
    f"https://web.archive.org/web/20220911000000/https://twitter.com/AnonymousUK2022/status/{ID}",
    # its picture's address and key
    f"https://pbs.twimg.com/media/{KEY}.jpg",
    f"https://pbs.twimg.com/media/{KEY}.jpg:large",
    f"https://pbs.twimg.com/media/{KEY}?format=jpg&name=small",
    f"https://pbs.twimg.com/media/{KEY}?format=jpg&name=orig",
    f"pbs.twimg.com/media/{KEY}",
    f"https://web.archive.org/web/2022im_/https://pbs.twimg.com/media/{KEY}.jpg",
    KEY,
)


@pytest.mark.parametrize("scrap", SCRAPS)
def test_the_post_is_found_by(archive: Archive, scrap: str) -> None:
    posts = [one for one in found(archive, scrap) if isinstance(one, ArchivedPost) and one.platform == "twitter"]
    assert [one.post_id for one in posts] == [ID]
    post = posts[0]
    assert post.text is not None and post.text.startswith("Russian troops left so quickly")
    assert post.author == "AnonymousUK2022"
    assert f"pic.twitter.com/{CODE}" in post.short_links
    assert [medium.width for medium in post.media] == [960]
    assert SAMPLE_POST in [page.url for page in post.pages]


@pytest.mark.parametrize("handle", ["@AnonymousUK2022", "@anonymousuk2022", "AnonymousUK2022"])
def test_by_handle_whatever_its_case(archive: Archive, handle: str) -> None:
    assert ID in [one.post_id for one in found(archive, handle)]


@pytest.mark.parametrize(
    "address",
    [
        SAMPLE_POST,
        SAMPLE_POST.rstrip("/"),
        SAMPLE_POST.removeprefix("https://"),
        SAMPLE_POST + "?utm_source=x#c",
        "https://web.archive.org/web/2022/" + SAMPLE_POST,
    ],
)
def test_by_the_address_of_a_page_first_the_page_then_what_it_embeds(archive: Archive, address: str) -> None:
    page, *posts = found(archive, address)
    assert isinstance(page, ArchivedPage) and page.url == SAMPLE_POST
    assert page.title is not None and "Kharkiv" in page.title
    assert ID in [post.post_id for post in posts]
    assert len({post.post_id for post in posts}) == len(posts), "each once"


def test_by_the_file_or_its_sha256(archive: Archive, tmp_path: Path) -> None:
    medium = found(archive, CODE)[0].media[0]
    assert medium.warc is not None and medium.offset is not None and medium.sha256 is not None
    seen = archive.response_at(medium.warc, medium.offset, medium.length)
    assert seen is not None
    copy = tmp_path / "saved from somewhere.jpg"
    copy.write_bytes(seen.decoded(1 << 24))
    for reference in (medium.sha256, medium.sha256.upper(), f"sha256:{medium.sha256}"):
        assert ID in [one.post_id for one in found(archive, reference)], reference
    assert ID in [one.post_id for one in archive.find_file(copy)]
    assert ID in [one.post_id for one in archive.find_file(str(copy))]
    assert found(archive, str(copy)) == (), "a text is looked up in the index, and never on this disk"


def test_by_the_digest_of_a_page_or_of_a_platform_s_reply(archive: Archive) -> None:
    post = found(archive, CODE)[0]
    page = next(capture for capture in post.captures if capture.url == SAMPLE_POST)
    reply = next(said.capture for said in post.statements if said.source == "syndication")
    assert page.digest is not None and reply.digest is not None
    assert SAMPLE_POST in [one.url for one in found(archive, page.digest)]
    assert ID in [one.post_id for one in found(archive, reply.digest)]


@pytest.mark.parametrize(
    "reference", ["UOWXLTTVGP", "pic.twitter.com/uowxlttvgp", "t.co/uOWxLTTvG", "pbs.twimg.com/media/fct8zz_dleidepq"]
)
def test_the_case_of_a_code_counts(archive: Archive, reference: str) -> None:
    assert found(archive, reference) == ()


@pytest.mark.parametrize(
    "reference", ["", "@", "nobody", "https://nowhere.example/", "0" * 64, "123", "pic.twitter.com/", "'; --", "%00"]
)
def test_what_is_not_known_is_not_found(archive: Archive, reference: str) -> None:
    assert found(archive, reference) == ()


def test_every_capture_that_is_named_can_be_read(archive: Archive) -> None:
    post = found(archive, CODE)[0]
    assert len(post.captures) > 5
    for capture in post.captures:
        if capture.status == 200:
            assert archive.response_at(capture.warc, capture.offset, capture.length) is not None, capture.url


def test_what_each_source_said_and_when_is_kept(archive: Archive) -> None:
    statements = found(archive, CODE)[0].statements
    assert {said.source for said in statements} >= {"syndication", "oembed", "embed", "short_link"}
    assert all(said.capture.warc for said in statements)
    assert list(statements) == sorted(statements, key=lambda said: said.said_at)


# --- search -------------------------------------------------------------------------------------------------------------------


def ids(archive: Archive, words: str, **narrowed: str) -> list[str | None]:
    results = (each.result for each in archive.search(words, limit=200, **narrowed))
    return [one.url if isinstance(one, ArchivedPage) else one.post_id for one in results]


@pytest.mark.parametrize(
    "words",
    [
        "tanks Izyum",
        '"parked as if for a sale"',
        "TROOPS tank*",
        "anonymous tanks",
        "izyum tanks -football",
        'russian\'s tanks -"no such"',
    ],
)
def test_a_post_is_found_by_its_words(archive: Archive, words: str) -> None:
    wanted = words != 'russian\'s tanks -"no such"'
    assert (ID in ids(archive, words)) is wanted


@pytest.mark.parametrize("words", ["tanks -Izyum", '"sale a for"', "tank Izyum nowhere"])
def test_and_not_by_others(archive: Archive, words: str) -> None:
    assert ID not in ids(archive, words)


def test_results_can_be_narrowed(archive: Archive) -> None:
    assert ids(archive, "tanks", author="@anonymousuk2022") == [ID]
    assert ID not in ids(archive, "tanks", author="oskil_watch")
    assert ID in ids(archive, "tanks", since="2022-09-10", until="2022-09-10")
    assert ID not in ids(archive, "tanks", since="2022-09-11")
    assert ID not in ids(archive, "tanks", until="2022-09-09")
    assert ID in ids(archive, "tanks", site="www.kharkiv-notebook.example")
    assert ids(archive, "tanks", site="nowhere.example") == []
    assert ids(archive, "tanks", platform="nowhere") == []


def test_each_post_comes_once_with_some_of_its_text(archive: Archive) -> None:
    matches = list(archive.search("tanks"))
    assert len({(type(match.result), match.result.url) for match in matches}) == len(matches)
    assert any("forgot their tanks" in match.snippet for match in matches)
    assert [match.rank for match in matches] == sorted(match.rank for match in matches)


def test_a_find_is_answered_from_indexes_alone(archive: Archive) -> None:
    """On millions of links a look at each would take a second."""
    sql = "SELECT DISTINCT target, target_kind FROM links WHERE key = ?"
    plan = [row["detail"] for row in archive.index.execute(f"EXPLAIN QUERY PLAN {sql}", (f"t.co/{CODE}",))]
    assert any("USING PRIMARY KEY (key=?)" in step for step in plan), plan


def test_a_hotlinked_picture_was_kept_and_could_not_be_found(tmp_path: Path) -> None:
    """Pages and captures had different keys for one picture, so it was shown as not held."""
    shown = "https://pbs.twimg.com/media/FcMVpPZDG3iPsfY.jpg:large"
    original = "https://pbs.twimg.com/media/FcMVpPZDG3iPsfY?format=jpg&name=orig"
    small = "https://blog.example/road-300x200.jpg"
    page = f'<img src="{shown}"><a href="/road.jpg"><img src="{small}"></a>'.encode()
    picture = png(8, 8)
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=page))
        for url in (original, small):
            kept = exchange(url, picture + url.encode(), headers=("Content-Type: image/png",), resource_type=ResourceType.IMAGE)
            keep(recorder, kept)
    with Archive.open(tmp_path) as archive:
        digest = sha256(picture + small.encode()).hexdigest()
        for scrap in (shown, original, "FcMVpPZDG3iPsfY", small, digest):
            (page_found,) = found(archive, scrap)
            assert page_found.url == PAGE_URL
        held = {medium.url for medium in page_found.media if medium.warc is not None}
    assert held == {original}


def test_a_post_that_no_platform_knows_is_found_by_its_page(tmp_path: Path) -> None:
    """Nothing in such an address says that it is a post: another page's embed does."""
    embed = b'<blockquote class="wp-embedded-content"><a href="http://www.other.example/2020/a-post/">Boats</a></blockquote>'
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=embed))
        keep(recorder, exchange("https://other.example/2020/crawled-too/", body=embed.replace(b"a-post", b"crawled-too")))
    with Archive.open(tmp_path) as archive:
        for scrap in ("https://other.example/2020/a-post", "other.example/2020/a-post/?utm_source=feed"):
            (post,) = found(archive, scrap)
            assert (post.platform, post.post_id, post.text) == ("oembed", "other.example/2020/a-post", "Boats")
            assert [page.url for page in post.pages] == [PAGE_URL]
        page, itself = found(archive, "https://other.example/2020/crawled-too/")
        assert (type(page), itself.post_id) == (ArchivedPage, "other.example/2020/crawled-too")
        assert found(archive, "https://other.example/2020/no-such-post") == ()


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()
