"""archiver crawl, and what begins and ends it."""
