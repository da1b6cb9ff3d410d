"""The checks, a module a lab. common.py holds what several labs promise alike."""
