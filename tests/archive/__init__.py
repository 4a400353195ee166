"""Tests of the archive as a whole: crawled, recorded, indexed, judged by programs that are not ours."""
