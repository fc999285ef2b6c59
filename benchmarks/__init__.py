"""Measurements, as ratios and medians; never imported by the application or the tests."""
