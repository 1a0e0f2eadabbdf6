"""Learnt band passes: against the formula, against what a band pass does, and that they learn."""

import numpy as np
import pytest
import torch

from multicnn.audio.reader import SoundReader
from multicnn.audio.sinc import Sinc
from multicnn.errors import UsageError

READER = SoundReader(rate=16_000, seconds=0.5)


def test_kernels_are_the_formula_of_the_paper():
    """Equations 4 to 8, and their amplitude divided by twice the band as in the authors' code."""
    front = Sinc(READER, filters=12)
    low, high = (limit.detach().double().numpy() * 1000 / 16_000 for limit in front.bands())  # cycles a sample
    n = np.arange(-126, 127)
    g = 2 * high[:, None] * np.sinc(2 * high[:, None] * n) - 2 * low[:, None] * np.sinc(2 * low[:, None] * n)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(253) / 252)
    expected = g * window / (2 * (high - low))[:, None]
    np.testing.assert_allclose(front.kernels()[:, 0].detach().numpy(), expected, atol=2e-6)


def test_each_filter_passes_its_own_band_and_stops_others():
    front = Sinc(READER, filters=10, length=0.06, stride=1)
    low, high = (limit.tolist() for limit in front.bands())
    times = torch.arange(16_000) / 16_000
    for i in range(2, 9):
        middle = 1000 * (low[i] + high[i]) / 2
        tone = 0.5 * torch.sin(2 * np.pi * middle * times)
        out = front(tone[None])[0, :, 4_000:12_000].detach()
        gain = out.std(1) * (2 * (torch.tensor(high) - torch.tensor(low)) * 1000 / 16_000)
        assert gain[i] == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
        others = [j for j in range(10) if abs(j - i) > 1]
        assert gain[others].max() < 0.02 * gain[i]


def test_bands_lie_side_by_side_in_mel_and_stay_inside_the_rate():
    low, high = (limit.detach() for limit in Sinc(READER).bands())
    assert (high > low).all()
    assert (low.diff() > 0).all()
    assert float(high.max()) <= 8.0
    mel = 2595 * torch.log10(1 + (low - 0.05) * 1000 / 700)
    torch.testing.assert_close(mel.diff(), mel.diff().mean().expand(63), rtol=1e-3, atol=1e-2)


def test_limits_learn_to_find_a_tone():
    """Of one filter that begins elsewhere, by the energy that it lets through."""
    front = Sinc(READER, filters=1, stride=4)
    with torch.no_grad():
        front.low.fill_(1.0)
        front.width.fill_(0.3)
    tone = torch.sin(2 * np.pi * 1_700 * torch.arange(4_000) / 16_000)[None]
    optimizer = torch.optim.Adam(front.parameters(), 0.03)
    for _ in range(60):
        optimizer.zero_grad()
        (-front(tone).square().mean()).backward()
        optimizer.step()
    low, high = (float(limit.detach()) for limit in front.bands())
    assert low < 1.7 < high


def test_an_empty_sound_has_one_cell():
    assert Sinc(READER)(torch.zeros(2, 0, dtype=torch.int16)).shape == (2, 64, 1)


@pytest.mark.parametrize("given", [{"filters": 0}, {"stride": 0}, {"length": 0.0}])
def test_settings_that_pass_no_band_are_refused(given: dict):
    with pytest.raises(UsageError, match="pass no bands; make them larger"):
        Sinc(READER, **given)
    with pytest.raises(UsageError, match="at 200 Hz pass no bands"):
        Sinc(SoundReader(rate=200, seconds=1.0))
