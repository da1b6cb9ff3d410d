"""Results merge: counts and histograms add up; another tool's histogram is read."""
import json

import pytest

# Written by HdrHistogram 2.1.11 (Java): 1 ns, 3 x 1,000, 2 x 2,047, 2 x 2,048, 2,049, 700 x 123,456,
# 40 x 5,000,000 and 70,000,000,000 ns.
FOREIGN = "HISTFAAAADV4nJNpmSzMwMAgwgABzFCaEch0M9ixgMH+A1SE6TQ/22oBFrb+uB9cn0MCZt9lZAIA5XILBw=="


def test_what_is_no_result_is_refused(load, tmp_path, text, words):
    file = tmp_path / "broken"
    if text is not None:
        file.write_text(text)
    ran = load("--merge", file)
    assert ran.status == 1 and ran.complaint.count("\n") == 1
    assert ran.complaint.startswith(f"error: {file}: ") and words in ran.complaint


@pytest.mark.parametrize(
    "histogram, words",
    [
        ("!", "no base64"),
        ("AAAA", "cut short"),
        ("AAAAAAAAAAAA", "not in the compressed V2 format"),
        (FOREIGN[:40], "cannot be uncompressed"),
    ],
)
def test_a_broken_histogram_is_refused(load, results, tmp_path, histogram, words):
    (one, _), _ = results
    (tmp_path / "broken").write_text(json.dumps(one | {"histogram": histogram}))
    ran = load("--merge", tmp_path / "broken")
    assert ran.status == 1 and words in ran.complaint
