"""archiver platforms --probe: what the platforms still answer, by posts whose answer is known."""
