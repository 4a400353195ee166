"""Benchmarks: the claims of docs/benchmarks.md, measured again by `make bench`."""
