"""Scrapy's settings. What Scrapy would do between us and the wire is off: pace, retries, redirects and robots are ours."""

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
SCHEDULER = "spiders.scheduler.PassingScheduler"

# The frontier decides what goes when (spiders/frontier.py); Scrapy must not hold back what it lets go.
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 64
CONCURRENT_ITEMS = 1  # Scrapy starts so many tasks for each response, 100 by default; our callbacks yield nothing
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False

ROBOTSTXT_OBEY = False  # obeyed in spiders/robots.py, which also keeps the robots.txt
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "WARNING"
LOG_SCRAPED_ITEMS = False
