"""Backups: where they lie, what they hold."""
