"""Each claim has three outcomes, and which one it is follows from the numbers alone."""
import pytest
from comparison.claims import CANNOT_JUDGE, DOES_NOT_HOLD, HOLDS, judge_all
from comparison.claims_computing import computing
from comparison.claims_waiting import waiting
from made_up import cell, results, run

STEADY = {
    "python/threads/sized/8": [2.0, 2.02, 1.98],
    "python/processes/sized/8": [1.0, 1.01, 0.99],
}


def verdict(key: str, measured):
    claims = [*computing(measured.machine["gil"]), *waiting()]
    return next(v for v in judge_all(claims, measured) if v.claim.key == key)


def test_a_ratio_wholly_inside_the_band_holds():
    found = verdict("python-processes", results(STEADY))
    assert found.outcome == HOLDS
    assert found.ratio.median == pytest.approx(2.0)
    assert found.ratio.low == pytest.approx(1.98 / 1.01)


def test_a_ratio_wholly_outside_does_not_hold_on_this_machine():
    equal = {**STEADY, "python/processes/sized/8": [2.0, 2.0, 2.0]}
    assert verdict("python-processes", results(equal)).outcome == DOES_NOT_HOLD


def test_a_busy_machine_says_nothing_against_a_claim():
    equal = {**STEADY, "python/processes/sized/8": [2.0, 2.0, 2.0]}
    found = verdict("python-processes", results(equal, others_cpus=1.2))
    assert (found.outcome, found.reason) == (
        CANNOT_JUDGE,
        "other programs used 1.20 CPUs meanwhile",
    )
    assert verdict("python-processes", results(STEADY, others_cpus=1.2)).outcome == HOLDS


def test_a_ratio_across_the_edge_cannot_be_judged():
    noisy = {**STEADY, "python/processes/sized/8": [1.0, 1.0, 1.9]}
    found = verdict("python-processes", results(noisy))
    assert (found.outcome, found.reason) == (CANNOT_JUDGE, "the spread is too wide")


def test_a_cpu_that_is_faster_for_a_while_is_not_taken_for_parallel_work():
    measured = results({})
    for wall in (2.0, 2.1):
        measured.add(cell("cpp/sync/sized/8"), run(wall, cpu=wall))
        measured.add(cell("cpp/inline/sized/8"), run(wall * 0.7, cpu=wall * 0.7))
    assert verdict("cpp-inline", measured).outcome == HOLDS


def test_one_cpu_judges_nothing_parallel():
    found = verdict("python-processes", results(STEADY, cpus=1))
    assert (found.outcome, found.reason) == (CANNOT_JUDGE, "one CPU: nothing runs at the same time")


def test_one_round_judges_nothing():
    once = {key: walls[:1] for key, walls in STEADY.items()}
    assert verdict("python-processes", results(once)).reason == "one round: no spread"


def test_a_failed_server_is_the_reason():
    measured = results(STEADY)
    measured.failures[cell("python/processes/sized/8")] = "answered '' to 31"
    found = verdict("python-processes", measured)
    assert found.outcome == CANNOT_JUDGE
    assert found.reason == "Python, processes: answered '' to 31"


def test_a_server_that_was_left_out_is_the_reason():
    assert verdict("cpp-threads", results(STEADY)).reason.endswith("was not measured")


def test_without_a_gil_the_expectation_about_python_is_the_reverse():
    walls = {
        "python/sync/sized/8": [2.0, 2.0],
        "python/threads/sized/8": [1.0, 1.0],
        "python/processes/sized/8": [1.0, 1.0],
        "handler/sync/sized/8": [2.0, 2.0],
        "handler/threads/sized/8": [1.0, 1.0],
    }
    free, with_gil = results(walls, gil=False), results(walls)
    assert verdict("python-threads", free).outcome == HOLDS
    assert verdict("python-processes", free).outcome == HOLDS
    assert verdict("python-threads", with_gil).outcome == DOES_NOT_HOLD
    assert verdict("handler-threads", free).reason == "free-threaded Python: there is no GIL"


def test_the_slowest_model_decides_whether_all_wait_in_parallel():
    walls = {f"cpp/{m}/io/64": [0.1, 0.1] for m in ("threads", "async")}
    walls |= {"cpp/sync/io/64": [3.2, 3.2], "cpp/processes/io/64": [1.6, 1.6]}
    found = verdict("cpp-waiting", results(walls))
    assert found.outcome == DOES_NOT_HOLD
    assert found.ratio.median == pytest.approx(2.0)


def test_a_queue_is_seen_in_the_median_latency():
    assert verdict("cpp-queue", results({"cpp/inline/sized/8": [2.0, 2.2]})).outcome == HOLDS


def test_memory_is_that_of_a_waiting_client():
    measured = results({})
    for model, kilobytes in (("threads", 12), ("processes", 80), ("async", 1)):
        for _ in range(2):
            waiting_run = {
                "idle_anonymous": 2**20,
                "all_anonymous": 2**20 + 64 * 1024 * kilobytes,
            }
            measured.add(cell(f"cpp/{model}/waiting/64"), waiting_run)
    found = verdict("cpp-async-memory", measured)
    assert (found.outcome, found.ratio.median) == (HOLDS, 12)


def test_claims_have_keys_of_their_own():
    for gil in (True, False):
        keys = [claim.key for claim in [*computing(gil), *waiting()]]
        assert len(keys) == len(set(keys))
