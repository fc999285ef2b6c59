"""Code as layers: text to a layer of ours. Executes nothing that it reads."""
