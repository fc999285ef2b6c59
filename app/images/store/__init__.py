"""Uploads kept by their content, in a directory, an object store or Redis. Knows no HTTP and no decoder."""
