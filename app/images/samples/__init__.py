"""The built-in inputs, drawn by code. Knows only NumPy."""
