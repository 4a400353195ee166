"""Pictures and videos: kind, size, orientation, perceptual hash, thumbnails."""
