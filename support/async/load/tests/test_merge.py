"""Results merge: counts and histograms add up; another tool's histogram is read."""
import json

import pytest

# Written by HdrHistogram 2.1.11 (Java): 1 ns, 3 x 1,000, 2 x 2,047, 2 x 2,048, 2,049, 700 x 123,456,
# 40 x 5,000,000 and 70,000,000,000 ns.
FOREIGN = "HISTFAAAADV4nJNpmSzMwMAgwgABzFCaEch0M9ixgMH+A1SE6TQ/22oBFrb+uB9cn0MCZt9lZAIA5XILBw=="


@pytest.fixture
def results(load, serve, tmp_path):
    """Two runs, and the files with their results: a line alone, and all that `load` printed."""
    port = serve().port
    one = load("--port", port, "--messages", 300, "--connections", 3)
    two = load("--port", port, "--messages", 500, "--connections", 5, "--rate", 5000)
    (tmp_path / "one").write_text(json.dumps(one.result))
    (tmp_path / "two").write_text(two.output)
    return [one.result, two.result], [tmp_path / "one", tmp_path / "two"]


def test_counts_add_up(load, results):
    (one, two), files = results
    merged = load("--merge", *files)
    assert merged.status == 0 and merged.result["runs"] == 2
    for name in ("messages", "bytes", "established", "seconds", "load_cpu_seconds"):
        assert merged.result[name] == pytest.approx(one[name] + two[name])
    assert merged.result["messages"] == 800 and merged.result["connections"] == 5


def test_histograms_add_up(load, results):
    (one, two), files = results
    latency = load("--merge", *files).result["latency_us"]
    assert latency["max"] == max(one["latency_us"]["max"], two["latency_us"]["max"])
    mean = 300 * one["latency_us"]["mean"] + 500 * two["latency_us"]["mean"]
    assert latency["mean"] * 800 == pytest.approx(mean)
    lowest, highest = sorted(run["latency_us"]["p50"] for run in (one, two))
    assert lowest <= latency["p50"] <= highest


def test_merging_is_in_any_order_and_in_steps(load, results, tmp_path):
    _, files = results
    once = load("--merge", *files, files[0]).result
    (tmp_path / "both").write_text(load("--merge", *reversed(files)).output)
    twice = load("--merge", files[0], tmp_path / "both").result
    assert twice["histogram"] == once["histogram"] and twice["latency_us"] == once["latency_us"]


def test_a_histogram_alone_stays_as_it_is(load, results):
    (one, _), files = results
    merged = load("--merge", files[0]).result
    assert merged["histogram"] == one["histogram"] and merged["latency_us"] == one["latency_us"]


def test_a_histogram_of_another_tool(load, results, tmp_path):
    (one, _), _ = results
    (tmp_path / "foreign").write_text(json.dumps(one | {"histogram": FOREIGN}))
    latency = load("--merge", tmp_path / "foreign").result["latency_us"]
    assert latency["p50"] == latency["p90"] == 123.519 and latency["p99"] == 5001.215
    assert latency["max"] == 70061654.015 and latency["mean"] == pytest.approx(93752.69486)


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "there is no result in it"),
        ("{", "no JSON object"),
        ('{"event":"result"}', 'there is no "messages" in it'),
        (None, "there is no result in it"),
    ],
)
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
