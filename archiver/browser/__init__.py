"""The browser: it draws pages, and every byte that it gets is handed to it by somebody else."""
