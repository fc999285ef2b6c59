"""Where everything stands in a figure, and the scene as marks. Writes no file."""
