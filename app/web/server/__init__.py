"""The parts of one server process: threads, limits, counts, logs. Knows no route."""
