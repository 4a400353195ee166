"""archiver audit: how good the captures are, and why."""
