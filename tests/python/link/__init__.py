"""Tests of links: the grammar as the page has it, and the store of short ones."""
