"""Posts of other networks than Twitter, from the page that embeds them to the day on which they are gone."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.model.findings import PostRef
from archiver.query.archive import Archive
from archiver.sampleweb import MAGAZINE_URL, OtherPost, SampleWeb, State, pictures, running_sample_web
from archiver.sampleweb.other_hosts import PICTURE_SIZE
from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.index.results import ArchivedPage, ArchivedPost, Result
from archiver.tasks.crawl.crawl import crawl
from archiver.tasks.reindex import reindex
from tests.archive.known_posts import BY_KEY, KNOWN, Known
from tests.support.crawled import settings_for
from tests.support.tables import tables_of

GONE = {"boats": "gone", "gulls-vote": "gone", "tide-table": "gone", "knots": "protected", "crab": "gone"}
OTHER_ADDRESS = {
    "foghorn": "a permalink does not tell its track's number",
    "soup": "it is asked for at the site, not by its page",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """The archive of the magazine."""

    first_day: Path
    """Crawled on day 1."""
    third_day: Path
    """The same, after the posts' own addresses were crawled on day 3."""
    web: SampleWeb


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("tideline")
    data_dir, first_day = folder / "archive", folder / "first-day"
    with running_sample_web(folder) as web:
        report = crawl(CrawlPlan(data_dir, (MAGAZINE_URL,), job="tideline", settings=settings_for(web)))
        assert report.outcome.failed == []
        assert report.stats.pages == 7
        shutil.copytree(data_dir, first_day)
        web.day = 3
        seeds = tuple(web.other(known.key).url for known in KNOWN if known.key not in OTHER_ADDRESS)
        report = crawl(CrawlPlan(data_dir, seeds, job="again", settings=settings_for(web)))
        assert report.outcome.failed == []
    return Kept(first_day, data_dir, web)


@pytest.fixture(scope="module")
def archive(kept: Kept) -> Iterator[Archive]:
    with Archive.open(kept.first_day) as opened:
        yield opened


@pytest.fixture(scope="module")
def later(kept: Kept) -> Iterator[Archive]:
    with Archive.open(kept.third_day) as opened:
        yield opened


def found(archive: Archive, reference: str) -> tuple[Result, ...]:
    return archive.find(reference).results


def posts_at(archive: Archive, reference: str) -> list[ArchivedPost]:
    return [one for one in found(archive, reference) if isinstance(one, ArchivedPost)]


def post_of(archive: Archive, known: Known) -> ArchivedPost:
    posts = [one for address in known.addresses for one in posts_at(archive, address) if one.post_id == known.post_id]
    return posts[0]


def drawn(post: OtherPost) -> set[str]:
    """The sha256 of every file under which the post's pictures lie."""
    places = [urlsplit(url) for url in (*(each.url for each in post.pictures), *post.also)]
    return {sha256(pictures.picture(f"{place.hostname}{place.path}", *PICTURE_SIZE)).hexdigest() for place in places}


def test_every_post_of_the_magazine_is_looked_at_here(kept: Kept) -> None:
    shown = {post.key for _, post, _ in kept.web.other_pages()}
    assert shown | {"lamp"} == set(BY_KEY)
    assert {post.key for _, post, _ in kept.web.other_pages() if post.state_on(3) is not State.LIVE} == set(GONE)


@pytest.mark.parametrize(("known", "address"), [(known, address) for known in KNOWN for address in known.addresses])
def test_a_post_is_found_by_any_of_its_addresses(archive: Archive, known: Known, address: str) -> None:
    assert [(one.platform, one.post_id) for one in posts_at(archive, address)] == [(known.platform, known.post_id)]


@pytest.mark.parametrize("known", [known for known in KNOWN if known.key != "foghorn"], ids=lambda known: known.key)
def test_and_by_the_one_that_its_network_shows(archive: Archive, kept: Kept, known: Known) -> None:
    posts = posts_at(archive, kept.web.other(known.key).url)
    assert [(one.platform, one.post_id) for one in posts] == [(known.platform, known.post_id)]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.key)
def test_what_the_network_told_of_it_is_kept(archive: Archive, kept: Kept, known: Known) -> None:
    post, told = kept.web.other(known.key), post_of(archive, known)
    assert told.text is not None
    assert told.text.startswith(post.text)
    assert told.posted_at == known.posted_at
    if known.author:
        assert told.author == post.handle
    pages = [page for page, shown, _ in kept.web.other_pages() if shown.key == known.key]
    assert [page.url for page in told.pages] == pages


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.key)
def test_its_pictures_are_held(archive: Archive, kept: Kept, known: Known) -> None:
    post, told = kept.web.other(known.key), post_of(archive, known)
    assert len(told.media) == len(post.pictures)
    for medium in told.media:
        assert medium.sha256 in drawn(post)
        assert medium.warc is not None
        assert medium.offset is not None
        assert archive.response_at(medium.warc, medium.offset, medium.length) is not None


def test_the_largest_picture_is_held_where_there_is_one(archive: Archive) -> None:
    """The oEmbed replies name smaller ones."""
    urls = [medium.url for key in ("knots", "launch", "dunes") for medium in post_of(archive, BY_KEY[key]).media]
    assert [url.rsplit("/", 1)[1].rsplit("_", 1)[-1] for url in urls] == ["maxresdefault.jpg", "hqdefault.jpg", "1280"]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.key)
def test_each_source_s_word_is_kept(archive: Archive, known: Known) -> None:
    said = [(statement.source, statement.state) for statement in post_of(archive, known).statements]
    own = (known.source, "live")
    match known.key:
        case "lamp":  # nobody embeds it: it is told with the post that quotes it, and by itself
            assert said == [own, own]
        case "crab":
            assert said == [("short_link", None), own]
        case _:
            assert said == [("embed", None), own]


def test_a_quoted_post_is_known_as_such(archive: Archive) -> None:
    sql = (
        "SELECT a.post_id, b.post_id FROM relations r JOIN posts a ON a.id = r.post JOIN posts b ON b.id = r.other"
        " WHERE r.relation = 'quotes'"
    )
    quotes = [tuple(row) for row in archive.index.execute(sql)]
    assert quotes == [(BY_KEY["boats"].post_id, BY_KEY["lamp"].post_id)]


def test_a_short_link_alone_on_its_line_leads_to_its_video(archive: Archive) -> None:
    (crab,) = found(archive, "https://vm.tiktok.com/ZMrCr4b9k")
    assert crab.short_links == ("vm.tiktok.com/ZMrCr4b9k",)
    assert [page.url for page in crab.pages] == [f"{MAGAZINE_URL}four-films"]


def test_a_page_is_found_with_what_it_embeds_in_order(archive: Archive) -> None:
    page, *posts = found(archive, f"{MAGAZINE_URL}low-water")
    assert isinstance(page, ArchivedPage) and page.title == "An hour of causeway"
    assert [post.platform for post in posts] == ["telegram", "mastodon"]


def test_a_map_is_found_by_the_address_of_its_frame(archive: Archive) -> None:
    _, *posts = found(archive, f"{MAGAZINE_URL}weed-and-soup")
    (place,) = [post for post in posts if post.post_id and post.post_id.startswith("googlemaps/")]
    assert place.url is not None
    assert [post.post_id for post in found(archive, place.url)] == [place.post_id]


@pytest.mark.parametrize(
    ("words", "key"),
    [('"sails by habit"', "boats"), ("match buoy dusk", "lamp"), ("meshes breakfast", "net"), ("plumb line", "crab")],
)
def test_a_post_is_found_by_its_words(archive: Archive, words: str, key: str) -> None:
    matches = [each.result for each in archive.search(words) if not isinstance(each.result, ArchivedPage)]
    assert [match.post_id for match in matches] == [BY_KEY[key].post_id]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.key)
def test_a_post_that_its_network_told_of_is_complete(archive: Archive, known: Known) -> None:
    """Only Twitter's once were: any other was asked for again whenever a page that embeds it changed."""
    held = CrawlIndex(archive.index)
    assert held.post(PostRef(known.platform, known.post_id))
    assert not held.post(PostRef(known.platform, f"{known.post_id}0"))


# --- two days later -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [known for known in KNOWN if known.key not in OTHER_ADDRESS], ids=lambda known: known.key)
def test_a_post_s_own_address_asks_its_network_again(later: Archive, known: Known) -> None:
    states = [statement.state for statement in post_of(later, known).statements if statement.state is not None]
    assert states[0] == "live"
    assert len(states) >= 2
    assert states[-1] == GONE.get(known.key, "live")


@pytest.mark.parametrize("key", GONE)
def test_what_is_gone_there_is_still_here(archive: Archive, later: Archive, key: str) -> None:
    before, after = (post_of(each, BY_KEY[key]) for each in (archive, later))
    assert (after.text, after.author, after.posted_at) == (before.text, before.author, before.posted_at)
    assert after.media == before.media
    assert after.pages == before.pages


def test_the_short_link_still_leads_there(later: Archive) -> None:
    assert [post.post_id for post in found(later, "vm.tiktok.com/ZMrCr4b9k")] == [BY_KEY["crab"].post_id]


@pytest.mark.parametrize("day", ["first_day", "third_day"])
def test_the_index_made_anew_is_that_of_the_live_crawl(kept: Kept, tmp_path: Path, day: str) -> None:
    data_dir = Path(shutil.copytree(getattr(kept, day), tmp_path / "archive"))
    live = tables_of(data_dir)
    (data_dir / "index.db").unlink()
    reindex(data_dir)
    again = tables_of(data_dir)
    assert len(live["statements"]) > 30
    assert again.keys() == live.keys()
    for name, rows in live.items():
        assert again[name] == rows, name
