"""Grading a class: reading what was handed in, grading it side by side, and writing the results."""
