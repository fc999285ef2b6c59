"""Tests of networks: graphs, shapes, fields, runs."""
