"""Where things stand, for the tests of the bench."""
import pathlib

BENCH = pathlib.Path(__file__).resolve().parents[1]
KIT = BENCH.parents[2]
