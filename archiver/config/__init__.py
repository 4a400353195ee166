"""archiver.toml: what it may say, how it is read, and the units and schedules in it."""
