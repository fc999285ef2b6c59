"""Lessons: Markdown files whose questions and numbers are expressions that the engine computes."""
