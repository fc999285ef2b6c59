"""Tests of exported figures."""
