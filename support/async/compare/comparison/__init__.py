"""Which model of a server is fast at what: measured side by side, in C++ and in Python."""
