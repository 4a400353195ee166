"""An add-on for Scrapy: any spider of any project records into an archive, without a change to its code.

ADDONS = {"archiver.scrapy.ArchiveAddon": 300}
ARCHIVE_DIR = "archive"
"""

from archiver.scrapy.addon import ArchiveAddon

__all__ = ["ArchiveAddon"]
