"""What lies on disk: the WARC files, which are the truth, and the index, which is a projection of them."""
