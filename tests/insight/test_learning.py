"""Learning curves against laws that are known, and scipy's least squares."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from multicnn.insight.learning import Point, fit, power_laws, trendless

SIZES = (100, 250, 500, 1000)


def law(n: float, limit: float = 0.05, scale: float = 4.0, exponent: float = 0.5) -> float:
    return limit + scale * n**-exponent


def points(errors, width: float = 0.02) -> list[Point]:
    return [Point(n, 1 - e, 1 - e - width, 1 - e + width) for n, e in zip(SIZES, errors, strict=True)]


def test_an_exact_law_is_found_again():
    curve = fit(points([law(n) for n in SIZES]), lower_is_better=False, bounded=True)
    assert curve is not None
    assert curve.exponent[0] == pytest.approx(0.5, abs=0.02)
    for n in (*SIZES, 2000, 4000):
        assert curve.score(n)[0] == pytest.approx(1 - law(n), abs=2e-3)
    gain, low, high = curve.gain(2000)
    assert gain == pytest.approx(law(1000) - law(2000), abs=2e-3)
    assert low < gain < high


def test_the_fit_is_scipys():
    x = np.array(SIZES) / 1000
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(size=4) * 0.005
        y = 0.1 + 0.1 * x**-0.6 + noise
        theirs, _ = curve_fit(
            lambda x, a, b, c: a + b * x**-c, x, y, p0=(0.1, 0.1, 0.6), sigma=weight**-0.5,
            bounds=([0, 0, 0.05], [1, 10, 2.0]),
        )  # fmt: skip
        limit, scale, exponent = (v[0] for v in power_laws(x, y[None], weight, free=False))
        assert limit + scale * 2**-exponent == pytest.approx(theirs[0] + theirs[1] * 2 ** -theirs[2], abs=1e-3)


def test_no_limit_below_a_perfect_score_and_no_rise():
    limit, scale, _ = power_laws(
        np.array([0.1, 0.5, 1.0]), np.array([[0.9, 0.5, 0.05], [0.2, 0.3, 0.4]]), np.ones(3), free=False
    )
    assert (limit >= 0).all()
    assert scale[1] == 0
    assert limit[1] == pytest.approx(0.3)


def test_a_metric_without_a_best_value_may_go_beyond_all():
    scores = [10 - 40 * n**-0.5 for n in SIZES]
    curve = fit(
        [Point(n, s, s - 0.1, s + 0.1) for n, s in zip(SIZES, scores, strict=True)],
        lower_is_better=False,
        bounded=False,
    )
    assert curve is not None
    assert curve.score(4000)[0] == pytest.approx(10 - 40 * 4000**-0.5, abs=0.1)
    assert curve.score(4000)[0] > max(scores)


def test_an_error_rate_falls():
    curve = fit([Point(n, law(n), law(n) - 0.01, law(n) + 0.01) for n in SIZES], lower_is_better=True, bounded=True)
    assert curve is not None
    assert curve.score(2000)[0] == pytest.approx(law(2000), abs=2e-3)
    assert curve.gain(2000)[0] < 0


def test_nothing_is_told_under_four_points():
    three = points([law(n) for n in SIZES])[:3]
    assert fit([*three, *three], lower_is_better=False, bounded=True) is None


def test_the_range_holds_what_comes():
    """Of 100 curves measured on validation parts of 400 samples, the score with twice the data."""
    random, held = np.random.default_rng(0), []
    for seed in range(100):
        errors = [random.binomial(400, law(n)) / 400 for n in SIZES]
        widths = [1.96 * (e * (1 - e) / 400) ** 0.5 for e in errors]
        measured = [Point(n, 1 - e, 1 - e - w, 1 - e + w) for n, e, w in zip(SIZES, errors, widths, strict=True)]
        curve = fit(measured, lower_is_better=False, bounded=True, seed=seed)
        assert curve is not None
        _, low, high = curve.score(2000)
        held.append(low <= 1 - law(2000) <= high)
    assert np.mean(held) >= 0.88


def test_points_far_from_any_such_law_widen_the_range():
    smooth = fit(points([0.4, 0.3, 0.25, 0.2]), lower_is_better=False, bounded=True)
    odd = fit(points([0.4, 0.1, 0.45, 0.2]), lower_is_better=False, bounded=True)
    assert smooth is not None
    assert odd is not None
    widths = [high - low for _, low, high in (smooth.score(2000), odd.score(2000))]
    assert widths[1] > 2 * widths[0]


def test_runs_that_differ_widen_the_range():
    def width(spread: float) -> float:
        found = [p for sign in (-1, 1) for p in points([law(n) + sign * spread for n in SIZES], width=0.005)]
        curve = fit(found, lower_is_better=False, bounded=True)
        assert curve is not None
        _, low, high = curve.score(2000)
        return high - low

    assert width(0.05) > 1.5 * width(0.0)


def test_gains_are_told_against_what_was_measured():
    errors = [law(n) for n in SIZES[:3]] + [law(1000) - 0.01]
    curve = fit(points(errors), lower_is_better=False, bounded=True)
    assert curve is not None
    assert curve.gain(2000)[0] == pytest.approx(curve.score(2000)[0] - (1 - errors[-1]))
    assert curve.gain(2000)[1] < curve.gain(2000)[0] < curve.gain(2000)[2]


@pytest.mark.parametrize(
    ("errors", "says"),
    [
        ([law(n) for n in SIZES], ""),
        ([0.2, 0.21, 0.2, 0.2], "0.8000 from 100 samples and 0.8000 from 1,000 differ no more than by chance"),
        ([0.2, 0.25, 0.3, 0.35], "0.8000 from 100 samples and 0.6500 from 1,000 differ no more than by chance"),
        ([0.22, 0.21, 0.2, 0.2], "differ no more than by chance"),  # a rise, within the intervals
        ([0.85, 0.51, 0.28, 0.10], "samples, and 0.9000 +- 0.0200 is measured"),  # still steeper than any power law
    ],
)
@pytest.mark.parametrize("lower", [False, True])
def test_what_follows_no_law_is_not_continued(errors, says, lower):
    found = points(errors)
    if lower:
        found = [Point(p.n, 1 - p.score, 1 - p.high, 1 - p.low) for p in found]
    curve = fit(found, lower_is_better=lower, bounded=True)
    assert curve is not None
    why = trendless(found, curve)
    assert bool(why) == bool(says)
    assert lower or says in why
