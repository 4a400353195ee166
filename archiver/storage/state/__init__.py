"""state.db: work in progress, whose loss costs time and never a capture."""
