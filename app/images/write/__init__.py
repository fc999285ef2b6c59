"""From arrays to the bytes of pictures. Knows Pillow, no store."""
