"""The socket and its jobs: from a request to frames. Knows no page."""
