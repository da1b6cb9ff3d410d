"""The number that a server must answer, computed the short way."""


def fibonacci(n: int) -> str:
    """As the servers count: fibonacci(0) = fibonacci(1) = 1."""
    value, following = 1, 1
    for _ in range(n):
        value, following = following, value + following
    return str(value)
