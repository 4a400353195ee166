"""archiver run: which jobs are due, how they went, who is told."""
