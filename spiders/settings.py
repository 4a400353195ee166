"""Scrapy's settings of this project.

Scrapy's own middlewares and extensions are off: each would change, hide or repeat what is recorded, or does what another part of
this project does. The reason stands beside each; tests/spiders/test_scrapy.py holds the lists complete.
"""

BOT_NAME = "embed-archiver"
SPIDER_MODULES = ["spiders"]

TWISTED_REACTOR_ENABLED = False  # plain asyncio: two crawls can run in one process, one after the other
DOWNLOAD_HANDLERS = {
    "http": "spiders.download.ArchiveHandler",
    "https": "spiders.download.ArchiveHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
SCHEDULER = "spiders.scheduler.FrontierScheduler"
ITEM_PIPELINES = {"spiders.scheduler.FrontierPipeline": 100}

# The scheduler hands out `concurrency` requests at most, each when its host is ready; Scrapy must not hold them back.
CONCURRENT_REQUESTS = 1_000
CONCURRENT_REQUESTS_PER_DOMAIN = 1_000
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False
CONCURRENT_ITEMS = 1  # what a callback yields is taken in its order: a result comes after the requests that follow from it
# Scrapy 2.19 parses the source of a generator callback for each response: bound methods miss its cache. That took 2 of the
# 22 s of `bench.crawl` (2026-12-01); what it warns of, mypy finds.
WARN_ON_GENERATOR_RETURN_VALUE = False
ROBOTSTXT_OBEY = False  # obeyed by the scheduler (spiders/robots.py), before a request takes a slot

_DOWNLOADER = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int | None] = {
    f"{_DOWNLOADER}.offsite.OffsiteMiddleware": None,  # spiders/scope.py: pictures and posts lie on other hosts than pages
    f"{_DOWNLOADER}.robotstxt.RobotsTxtMiddleware": None,  # spiders/robots.py: its robots.txt is recorded, and paced as the rest
    f"{_DOWNLOADER}.httpauth.HttpAuthMiddleware": None,  # no password is sent: it would stand in the WARC file
    f"{_DOWNLOADER}.downloadtimeout.DownloadTimeoutMiddleware": None,  # the fetcher's limits keep what came until then
    f"{_DOWNLOADER}.defaultheaders.DefaultHeadersMiddleware": None,  # the fetcher sends them, and records what it sent
    f"{_DOWNLOADER}.useragent.UserAgentMiddleware": None,  # the fetcher sends `user_agent` of archiver.toml
    f"{_DOWNLOADER}.retry.RetryMiddleware": None,  # spiders/response_policy.py: a retry waits in state.db, at its host's pace
    f"{_DOWNLOADER}.redirect.MetaRefreshMiddleware": None,  # a page that refreshes is a page of its own, and is kept
    f"{_DOWNLOADER}.httpcompression.HttpCompressionMiddleware": None,  # bytes are kept as they came; reading decodes them
    f"{_DOWNLOADER}.redirect.RedirectMiddleware": None,  # each hop is a request of its own, within scope and robots.txt
    f"{_DOWNLOADER}.cookies.CookiesMiddleware": None,  # a site's cookies would make one capture depend on another
    f"{_DOWNLOADER}.httpproxy.HttpProxyMiddleware": None,  # the fetcher dials, through `proxy` of archiver.toml
    f"{_DOWNLOADER}.stats.DownloaderStats": None,  # CrawlStats counts, and stands in the archive
    f"{_DOWNLOADER}.httpcache.HttpCacheMiddleware": None,  # the archive is the cache: spiders/resume.py
}
_SPIDER = "scrapy.spidermiddlewares"
SPIDER_MIDDLEWARES_BASE: dict[str, int | None] = {
    f"{_SPIDER}.start.StartSpiderMiddleware": None,  # `CrawlRequest.seed` says which are seeds
    f"{_SPIDER}.httperror.HttpErrorMiddleware": None,  # a 404 is a capture like others, and a platform's word on a post
    f"{_SPIDER}.referer.RefererMiddleware": None,  # a Referer may change a response: each URL is asked for by itself
    f"{_SPIDER}.urllength.UrlLengthMiddleware": None,  # spiders/scope.py bounds links; pictures have long URLs
    f"{_SPIDER}.depth.DepthMiddleware": None,  # scope and `max_pages` bound a crawl; a requeued request has no depth
    f"{_SPIDER}.metacopy.MetaCopyDetectionMiddleware": None,  # no callback copies `meta`
}
_EXTENSION = "scrapy.extensions"
EXTENSIONS_BASE: dict[str, int | None] = {
    f"{_EXTENSION}.corestats.CoreStats": None,  # CrawlStats counts, and stands in the archive
    f"{_EXTENSION}.logcount.LogCount": None,  # `CrawlOutcome` has each failure
    f"{_EXTENSION}.telnet.TelnetConsole": None,  # a port through which whoever is on this machine could run code
    f"{_EXTENSION}.memusage.MemoryUsage": None,  # docs/benchmarks.md bounds memory; pages are read in a process of their own
    f"{_EXTENSION}.memdebug.MemoryDebugger": None,  # for debugging
    f"{_EXTENSION}.closespider.CloseSpider": None,  # `max_pages` and `stop_after`, which leave the run resumable
    f"{_EXTENSION}.feedexport.FeedExporter": None,  # the items are results for the frontier; the archive is the output
    f"{_EXTENSION}.logstats.LogStats": None,  # `Session.on_progress` tells after each response
    f"{_EXTENSION}.spiderstate.SpiderState": None,  # state.db
    f"{_EXTENSION}.throttle.AutoThrottle": None,  # spiders/politeness.py
    f"{_EXTENSION}.remote_control.RemoteControl": None,  # as the telnet console
}
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "INFO"  # in the end the spider logs what it did

OF_THE_SPIDER = (
    "DOWNLOAD_HANDLERS",
    "SCHEDULER",
    "ITEM_PIPELINES",
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "AUTOTHROTTLE_ENABLED",
    "CONCURRENT_ITEMS",
    "WARN_ON_GENERATOR_RETURN_VALUE",
    "ROBOTSTXT_OBEY",
    "DOWNLOADER_MIDDLEWARES_BASE",
    "SPIDER_MIDDLEWARES_BASE",
    "EXTENSIONS_BASE",
)
"""The settings that the spider brings along into another project: without them nothing would be recorded."""
