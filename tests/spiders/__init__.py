"""Crawls of small webs, from the seed to the index."""
