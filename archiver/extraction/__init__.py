"""Extraction: captured bytes in, findings out; pure, and used alike by the live crawl, the reindex and imports."""
