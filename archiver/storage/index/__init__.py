"""index.db: its tables, and the questions asked of them."""
