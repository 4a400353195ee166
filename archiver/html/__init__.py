"""A page, parsed once, and where embeds may stand in it; nothing here is about one platform."""
