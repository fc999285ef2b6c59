"""The page in the system's Chromium."""
