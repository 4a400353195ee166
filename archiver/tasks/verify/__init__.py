"""archiver verify: reads everything, changes nothing."""
