"""The Scrapy side: which URLs to ask for, and when. Everything that is kept goes through `archiver`."""
