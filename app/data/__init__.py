"""What networks learn from: drawings and glyphs made by code, the person's own, augmentation. Knows no network."""
