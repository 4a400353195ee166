"""The one writer: from an exchange to WARC record and index rows."""
