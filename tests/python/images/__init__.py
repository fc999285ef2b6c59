"""Tests of reading, keeping and drawing pictures."""
