"""Tests of the command line, the notebook and the settings."""
