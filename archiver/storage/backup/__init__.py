"""Backup stores: where they lie, what they hold."""
