"""Pace: each host at its own, all of them side by side."""

from dataclasses import replace
from pathlib import Path

from archiver.config.settings import HostSettings
from archiver.platforms import PLATFORMS
from archiver.tasks.crawl.crawl import crawl
from tests.support.crawling import crawl_of, plan_of
from tests.support.webs import Web, page, reply, sitemap

DELAY_SECONDS = 0.4  # far more than what a busy machine holds a request back
HOSTS = ("one.example", "two.example", "three.example")


def test_every_host_has_its_pause_and_none_waits_for_another(web: Web, data_dir: Path) -> None:
    seeds = []
    for host in HOSTS:
        for number in range(3):
            web[host, f"/{number}/"] = page("A post")
            seeds.append(f"https://{host}/{number}/")

    crawl_of(web, data_dir, *seeds, delay=DELAY_SECONDS)

    asked = {host: [each.at for each in web.asked if each.host == host] for host in HOSTS}
    for times in asked.values():
        assert len(times) == 4  # with robots.txt
        assert times[-1] - times[0] >= 2 * DELAY_SECONDS  # three pauses; the handshake before the first may take one of them
    assert max(times[0] for times in asked.values()) < min(times[-1] for times in asked.values())


def test_a_crawl_delay_of_robots_txt_is_kept(web: Web, data_dir: Path) -> None:
    web["blog.example", "/robots.txt"] = reply("User-agent: *\nCrawl-delay: 1.2", "text/plain")
    web["blog.example", "/sitemap.xml"] = sitemap("https://blog.example/1/")
    web["blog.example", "/1/"] = page("A post")

    crawl_of(web, data_dir, "https://blog.example/sitemap.xml", delay=None)

    times = [each.at for each in web.asked]
    assert len(times) == 3 and times[2] - times[1] >= 1


def test_each_platform_says_at_what_pace_its_hosts_can_be_asked() -> None:
    hosts = {host for platform in PLATFORMS for host in platform.paces}

    assert {"cdn.syndication.twimg.com", "publish.twitter.com", "t.co", "pbs.twimg.com", "video.twimg.com"} <= hosts
    assert all(0 < pace <= 10 for platform in PLATFORMS for pace in platform.paces.values())


def test_a_host_that_the_user_names_is_asked_as_often_as_it_says_whatever_its_robots_txt_wants(web: Web, data_dir: Path) -> None:
    web["blog.example", "/robots.txt"] = reply("User-agent: *\nCrawl-delay: 3600", "text/plain")
    for number in range(3):
        web["blog.example", f"/{number}/"] = page("A post")
    plan = plan_of(web, data_dir, [f"https://blog.example/{number}/" for number in range(3)], delay=None)

    report = crawl(replace(plan, hosts={"blog.example": HostSettings(delay=0)}))

    assert (report.stats.pages, report.outcome.waiting) == (3, 0)
