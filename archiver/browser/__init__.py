"""The browser: it renders pages, and every byte that it gets is handed to it by the fetcher."""
