"""Mastodon, on any host."""
