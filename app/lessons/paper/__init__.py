"""Lessons and exercises as PDF."""
