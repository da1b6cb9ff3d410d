"""The plan fits the budget, and the rounds keep to it."""
import math

from comparison import schedule
from comparison.calibrate import Calibration, smallest
from comparison.cells import cells_to_run, is_resizable, measured_as
from made_up import cell

CALIBRATIONS = {"C++": Calibration(38, 0.25), "Python": Calibration(31, 0.25)}


def plan(budget, cpus=2, slowness=1.0):
    """The plan after the first runs of what cannot be made smaller, on a machine that is slow."""
    first = schedule.make_plan(cells_to_run(), CALIBRATIONS, 50, cpus)
    spent = {c: cost * slowness for c, cost in first.costs.items() if not is_resizable(c)}
    return schedule.fitted(first, spent, budget - sum(spent.values()))


def simulated(costs, budget):
    """Runs the rounds without a server: how often each cell was run, and the seconds used."""
    done, used = {each: 0 for each in costs}, 0.0
    while chosen := schedule.next_round(done, costs, budget - used):
        for each in chosen:
            done[each] += 1
            used += costs[each]
    return done, used


def test_the_default_plan_fits_into_its_budget():
    planned = plan(240)
    assert planned.seconds <= 240
    assert planned.sizes.arguments["C++"][8] == 38  # only many clients ask for less
    done, used = simulated(planned.costs, 240)
    assert used <= 240
    assert min(done.values()) >= 1


def test_on_one_cpu_it_fits_too():
    planned = plan(240, cpus=1)
    assert simulated(planned.costs, 240)[1] <= 240


def test_on_a_busy_machine_64_clients_ask_for_less():
    busy = plan(240, slowness=1.6)
    assert busy.shift > plan(240).shift
    assert simulated(busy.costs, 240)[1] <= 240


def test_what_can_be_made_smaller_is_run_last():
    resizable = [is_resizable(each) for each in cells_to_run()]
    assert resizable == sorted(resizable)


def test_cheap_cells_have_three_rounds_at_least():
    planned = plan(240)
    done, _ = simulated(planned.costs, 240)
    assert all(done[each] >= 3 for each, cost in planned.costs.items() if cost < 1)


def test_without_a_budget_requests_keep_their_size():
    planned = plan(math.inf)
    assert planned.shift == 0
    assert planned.sizes.arguments["Python"] == {8: 31, 64: 31}


def test_every_cell_is_run_once_even_when_there_is_no_time():
    costs = {cell("cpp/sync/io/8"): 10.0, cell("cpp/threads/io/8"): 10.0}
    assert schedule.next_round(dict.fromkeys(costs, 0), costs, -1) == list(costs)
    assert schedule.next_round(dict.fromkeys(costs, 1), costs, -1) == []


def test_an_expensive_cell_does_not_take_the_rounds_of_cheap_ones():
    cheap, expensive = cell("cpp/threads/io/8"), cell("cpp/sync/sized/64")
    done, _ = simulated({cheap: 1.0, expensive: 20.0}, 24)
    assert done == {cheap: 4, expensive: 1}


def test_a_full_run_is_five_rounds_of_everything():
    done = {cell("cpp/sync/io/8"): 5, cell("cpp/threads/io/8"): 4}
    assert schedule.all_rounds(done) == [cell("cpp/threads/io/8")]


def test_python_computes_the_same_argument_only_once():
    cells = cells_to_run()
    assert cell("cpp/sync/same/8") in cells
    assert cell("python/sync/same/8") not in cells
    assert measured_as(cell("python/sync/same/8")) == cell("python/sync/sized/8")


def test_cells_are_chosen_by_a_regular_expression():
    assert cells_to_run("cpp/(sync|threads)/io/8$") == [
        cell("cpp/sync/io/8"),
        cell("cpp/threads/io/8"),
    ]
    assert cells_to_run("nothing") == []


def test_the_smallest_argument_that_takes_long_enough():
    seconds = lambda n: 1e-7 * 1.618**n
    found = smallest(0.2, seconds)
    assert seconds(found.argument - 1) < 0.2 <= seconds(found.argument)
