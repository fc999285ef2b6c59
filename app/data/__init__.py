"""Data that networks learn from: drawings and glyphs made by code, a person's own, augmentation. Knows no network."""
