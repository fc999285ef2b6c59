"""Tests of what networks learn from."""
