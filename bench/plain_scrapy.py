"""The peer: what a practised Scrapy user would write to read the same site. It extracts and keeps nothing.

`python -m bench.plain_scrapy SITEMAP_URL RESULT_FILE` writes `{"pages", "pictures", "embeds": [[id, handle, text, code], ...]}`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.spiders import SitemapSpider

STATUS = re.compile(r"twitter\.com/(\w+)/status/(\d+)")
CODE = re.compile(r"pic\.twitter\.com/(\w+)")


class EmbedSpider(SitemapSpider):
    """Walks the sitemap, reads each page's embed with CSS selectors, downloads each page's picture."""

    name = "embeds"
    custom_settings = {  # noqa: RUF012  Scrapy's own way of declaring them
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
    }

    def __init__(self, sitemap: str, result: Path) -> None:
        self.sitemap_urls = [sitemap]
        super().__init__()
        self.result = result
        self.embeds: list[list[str]] = []
        self.pages = self.pictures = 0

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        self.pages += 1
        for box in response.css("blockquote.twitter-tweet"):
            named = STATUS.search(box.css("a::attr(href)").getall()[-1])
            code = CODE.search(box.css("p a::text").get(""))
            if named and code:
                text = (box.css("p::text").get() or "").strip()
                item = [named[2], named[1], text, code[1]]
                self.embeds.append(item)
                yield {"post_id": item[0], "author": item[1], "text": item[2], "code": item[3]}
        for source in response.css("article figure img::attr(src)").getall():
            yield Request(response.urljoin(source), callback=self.parse_picture)

    def parse_picture(self, response: Response) -> None:
        self.pictures += len(response.body) > 0

    def closed(self, reason: str) -> None:
        found = {"pages": self.pages, "pictures": self.pictures, "embeds": sorted(self.embeds)}
        self.result.write_text(json.dumps(found))


if __name__ == "__main__":
    process = CrawlerProcess()
    process.crawl(EmbedSpider, sitemap=sys.argv[1], result=Path(sys.argv[2]))
    process.start()
