"""Extraction: captured bytes in, findings out; pure, and the same for the live crawl, the reindex and imports."""
