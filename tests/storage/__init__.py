"""Tests of what lies on disk: WARC files and the index, each by itself."""
