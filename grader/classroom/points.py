"""Points as whole hundredths: shared out without a rest, and as a number of JSON."""


def spread(parts: list[int], total: int) -> list[int]:
    """Whole numbers in proportion to `parts` that sum up to `total`."""
    whole, so_far, given = sum(parts), 0, []
    for part in parts:
        before = so_far * total // whole if whole else 0
        so_far += part
        given.append((so_far * total // whole if whole else 0) - before)
    return given


def number(hundredths):
    """Points as a number of JSON: whole where they are whole. None stays None."""
    if hundredths is None:
        return None
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100
