"""Tests of learning: losses, optimisers, starts, streams, the loop."""
