"""One verb a file: what the commands do, without parsing and printing."""
