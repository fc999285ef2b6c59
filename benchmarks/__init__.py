"""Measurements, as ratios and medians; never imported by the application or the tests."""

import os

# As the server runs, and read when NumPy is first imported, so before any benchmark imports it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
