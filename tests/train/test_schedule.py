"""The schedules against their formulas."""

import math

import pytest

from multicnn.errors import UsageError
from multicnn.train.schedule import SCHEDULES, rate
from multicnn.train.settings import TrainSettings


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_rate_climbs_in_a_line_to_its_peak_and_falls_to_nothing(schedule):
    assert rate(0.0, 0.1, schedule) == 0
    assert rate(0.05, 0.1, schedule) == pytest.approx(0.5)
    assert rate(0.1, 0.1, schedule) == pytest.approx(1)
    assert rate(0.55, 0.1, schedule) == pytest.approx(0.5)
    assert rate(1.0, 0.1, schedule) == pytest.approx(0, abs=1e-12)
    assert rate(1.5, 0.1, schedule) == pytest.approx(0, abs=1e-12)


def test_rates_without_warmup_follow_their_formulas():
    assert rate(0.4, 0.0, "cosine") == pytest.approx(0.5 * (1 + math.cos(0.4 * math.pi)))
    assert rate(0.4, 0.0, "linear") == pytest.approx(0.6)


def test_an_unknown_schedule_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="cosine"):
        TrainSettings(schedule="cosin")
