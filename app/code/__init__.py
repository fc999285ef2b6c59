"""Layers as code of other frameworks, and code as layers. Knows no HTTP, and executes nothing that it reads."""
