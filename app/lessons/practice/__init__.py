"""Practice: exercises that a seed draws, each a state and a question whose key the engine computes."""
