"""A crawl over saved pages of real sites."""
