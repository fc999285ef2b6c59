"""The page in the other engines, Firefox and WebKitGTK: one flow each, and a profile that tries every operation."""
