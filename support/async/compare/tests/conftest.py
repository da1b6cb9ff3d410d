"""Makes the package importable, whatever directory pytest is started from."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
