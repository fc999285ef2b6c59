"""What a figure shows: the replayed step, its words, its title. Draws nothing."""
