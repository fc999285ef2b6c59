"""Who may import whom, what a file may hold, and that the scripts at the root do what they say."""
