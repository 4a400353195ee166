"""Markup of Twitter / X with what is to be found in it: the documentation of the platform, and its test."""

from archiver.platforms.base import Example

EXAMPLES: tuple[Example, ...] = ()
