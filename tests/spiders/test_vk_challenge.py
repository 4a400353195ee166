"""VK's challenge to strangers: a browser runs it, so that a video is read and drawn by a browser where no request gets on."""

from pathlib import Path

from archiver.sampleweb import running_sample_web
from archiver.sampleweb.others import other_posts
from tests.support.crawling import crawl_of, rows
from tests.support.webs import Web, redirect

PLAYER = "/video_ext.php?oid=-21000123&id=456239001"
SEED = "https://vkvideo.ru/video-21000123_456239001"


def test_a_redirect_to_one_of_the_next_addresses_does_not_end_the_asking(web: Web, data_dir: Path) -> None:
    """vk.com leads to vk.ru, which is next in line as well: it was not asked twice, and so what stood behind it not at all."""
    web["vk.com", PLAYER] = redirect(f"https://vk.ru{PLAYER}")
    for host in ("vk.ru", "vkvideo.ru"):
        web[host, PLAYER] = redirect(f"https://{host}/challenge.html?hash429=0a1b", "302 Found")

    report = crawl_of(web, data_dir, SEED)

    assert [url for url in web.urls() if PLAYER in url] == [
        f"https://{host}{PLAYER}" for host in ("vk.com", "vk.ru", "vkvideo.ru")
    ]
    assert not [url for url in web.urls() if "challenge" in url]
    assert rows(data_dir, "SELECT count(*) FROM statements") == [0]
    assert "challenge for browsers" in report.outcome.notes["VK"]


def test_a_browser_passes_the_challenge_and_the_video_is_read_and_drawn(tmp_path: Path, data_dir: Path) -> None:
    """The redirect that the crawl had got was given to the browser after it had passed, and its cookie was kept from VK."""
    post = next(post for post in other_posts(2026) if post.network.name == "vk")
    with running_sample_web(age=2026) as web:
        crawl_of(web, data_dir, post.url, screenshots="posts")

    assert rows(data_dir, "SELECT source, state, text, author_name FROM statements") == [
        ("embed_page", "live", post.text, post.name)
    ]
    assert rows(data_dir, "SELECT quality FROM screenshots") == ["good"]
    assert rows(data_dir, "SELECT count(*) FROM media") == [1]
