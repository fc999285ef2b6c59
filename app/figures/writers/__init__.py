"""Marks as files, one format a module. Decide nothing."""
