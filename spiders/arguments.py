"""What `scrapy crawl posts` may be given with `-a`: the crawl that the spider is to do, where nobody hands it a session."""

from pathlib import Path

from archiver.config.settings import load_config
from archiver.crawling.session import CrawlPlan
from archiver.errors import UsageError
from archiver.storage.files.paths import ArchivePaths
from archiver.urls import checked


def plan_of_arguments(arguments: dict[str, str]) -> CrawlPlan:
    """From `-a url=… [-a archive=DIR] [-a scope=…]`; settings come from archiver.toml. Raises `UsageError`."""
    urls = tuple(checked(url) for url in arguments.get("url", "").split())
    if not urls:
        raise UsageError("give at least one URL: scrapy crawl posts -a url=https://blog.example/")
    data_dir = Path(arguments.get("archive", "archive"))
    config = load_config(ArchivePaths(data_dir).config)
    return CrawlPlan(data_dir, urls, arguments.get("scope"), settings=config.crawl, hosts=config.hosts)
