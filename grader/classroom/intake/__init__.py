"""Reads what a class handed in."""
