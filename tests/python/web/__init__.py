"""Tests of everything that speaks HTTP."""
