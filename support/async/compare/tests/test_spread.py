"""Medians, spreads, percentiles and ratios are what they are called."""
import math

from comparison.spread import Spread, percentile, ratio


def test_a_spread_is_median_least_and_most():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
    assert Spread.of([1.0, 2.0]).median == 1.5


def test_a_ratio_reaches_from_the_least_to_the_most_that_the_rounds_allow():
    assert ratio(Spread(4, 3, 5, 3), Spread(2, 1, 2, 5)) == Spread(2, 1.5, 5, 3)


def test_a_ratio_to_nothing_is_infinite():
    assert ratio(Spread(1, 1, 1, 1), Spread(0, 0, 0, 1)).median == math.inf


def test_an_inverse_swaps_least_and_most():
    assert Spread(2, 1, 4, 3).inverse(8) == Spread(4, 2, 8, 3)


def test_percentiles_are_values_that_were_measured():
    eight = [8, 1, 7, 2, 6, 3, 5, 4]
    assert percentile(eight, 50) == 4
    assert percentile(eight, 99) == 8
    assert percentile(range(1, 65), 99) == 64
    assert percentile([5], 50) == 5
