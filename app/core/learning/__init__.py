"""Learning: losses, optimisers, starts and the loop. Knows networks and arrays; knows no data set and no request."""
