"""Tests of the core; each speaks of all operations at once where it can."""
