"""The add-on for Scrapy, under the real Scrapy."""
