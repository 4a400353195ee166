"""The add-on itself: it puts the archive between a project's spiders and the network."""

import logging

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from archiver.errors import ArchiverError
from archiver.scrapy.options import HANDLER, read_options, refuse_other_handlers, without_effect

EXTENSION = "archiver.scrapy.extension.ArchiveExtension"

logger = logging.getLogger(__name__)


class ArchiveAddon:
    """`ADDONS = {"archiver.scrapy.ArchiveAddon": 300}`; docs/scrapy.md has the settings."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy when all settings are known. Raises `ConfigError`, which ends the crawl before it begins."""
        try:
            if not read_options(settings).enabled:
                raise NotConfigured("ARCHIVE_ENABLED is False: nothing is recorded")
            refuse_other_handlers(settings)
        except ArchiverError as error:
            logger.error("nothing is crawled: %s", error)
            raise
        for name in without_effect(settings):
            logger.warning("%s has no effect: the archive's fetcher makes the connections", name)
        for scheme in ("http", "https"):
            # Not with the priority of add-ons: without Twisted's reactor Scrapy sets handlers of its own with a project's.
            settings["DOWNLOAD_HANDLERS"].set(scheme, HANDLER, "cmdline")
        settings["EXTENSIONS"].set(EXTENSION, 0, "addon")
