"""archiver extract: what pages embed, without an archive."""
