"""Layers as code: a snippet a target, which asserts what is on view. Knows no HTTP."""
