"""WARC, ARC and WACZ files: written, read leniently, checked strictly."""
