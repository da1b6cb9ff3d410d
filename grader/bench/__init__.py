"""The grader's own speed: `make bench-grader`."""
