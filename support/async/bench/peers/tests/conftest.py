"""Makes the grader's package importable, whatever directory pytest is started from."""
import pathlib
import sys

sys.path[:0] = [
    str(pathlib.Path(__file__).parent),
    str(pathlib.Path(__file__).resolve().parents[5] / "grader"),
]
