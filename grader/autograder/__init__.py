"""asynclab's autograder: judges servers from outside, by what they do and what the kernel saw."""
