"""archiver backup: copies what is sealed and new."""
