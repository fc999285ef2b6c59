"""Tests of the Python side; each speaks of all operations at once where it can."""
