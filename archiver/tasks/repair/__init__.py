"""archiver repair: rebuilds what can be rebuilt."""
