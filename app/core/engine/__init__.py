"""Layers that run: traced step by step, replayed by definition, stamped. Knows records of operations, none by name."""
