"""The command line and the notebook. Knows arguments, files and words for a terminal."""
