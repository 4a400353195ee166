"""The live parts of one crawl: the session, the browsers, and what browsers are given."""
