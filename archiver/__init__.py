"""Keeps what embedded social-media posts showed, byte for byte, and finds it again by any scrap."""

__version__ = "0.1.0"
