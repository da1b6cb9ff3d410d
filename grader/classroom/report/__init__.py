"""Pages for a class that was graded: one a student, one for the instructor."""
