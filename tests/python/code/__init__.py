"""Tests of code out and code in."""
