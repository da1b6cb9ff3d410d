"""Servers under load, side by side: how fast, at what cost in CPU, system calls and memory."""
