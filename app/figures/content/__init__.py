"""The content of a figure: the replayed step, its words, its title. Draws nothing."""
