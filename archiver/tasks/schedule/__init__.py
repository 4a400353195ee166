"""archiver run: which jobs are due, how they ended, and what others learn of it."""
