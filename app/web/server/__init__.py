"""What one server has: threads, limits, counts, logs. Knows no route."""
