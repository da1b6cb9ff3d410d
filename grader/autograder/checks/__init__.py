"""The checks, a module a lab; the other modules hold what several labs promise alike, by
subject."""
