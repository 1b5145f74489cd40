"""The front page's figure: three zones that the threshold divides."""

import pandas as pd
import pytest
from made_up import as_runs

from instrdiv.charts.front import ZONES, front_chart
from instrdiv.statistics.threshold import fit_each

NUMBERS = [10, 100, 200, 300, 500, 1_000, 10_000]


def made_up(numbers=NUMBERS):
    rows = [
        dict(key=f"{n} {s}", num_rules=n, seed=s, score=score, share=share)
        for n in numbers
        for s in (0, 1, 2)
        for score, share in (("unseen", 0.9 / (1 + (300 / n) ** 3)), ("seen", 0.95))
    ]
    return as_runs(rows).assign(optimizer="adamw")


def zones_of(chart):
    words = [layer for layer in chart.layer if isinstance(layer.data, pd.DataFrame)]
    return next((each.data for each in words if "zone" in each.data and len(each.data) == 3), None)


def test_the_threshold_lies_in_the_middle_zone_and_zones_fill_the_axis():
    table = made_up()
    fit = fit_each(table, "optimizer")["adamw"]
    zones = zones_of(front_chart(table, fit))
    assert tuple(zones.zone) == ZONES
    assert zones["to"].iloc[:-1].tolist() == zones["from"].iloc[1:].tolist()
    assert (zones["from"].iloc[0], zones["to"].iloc[-1]) == (10, 10_000)
    assert zones["from"].iloc[1] < fit.rules < zones["to"].iloc[1]
    assert zones["to"].iloc[1] / zones["from"].iloc[1] == pytest.approx(fit.width)


@pytest.mark.parametrize("numbers", [[], [50], NUMBERS])
def test_without_a_threshold_there_are_no_zones_and_it_can_be_drawn(numbers):
    table = made_up(numbers or [50])
    chart = front_chart(table if numbers else table[:0], None)
    assert zones_of(chart) is None
    assert "memorises" not in chart.properties(width=300).to_json()
