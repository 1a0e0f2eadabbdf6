"""Spectra with a way back, against librosa."""

import librosa
import numpy as np
import pytest
import torch

from multicnn.audio.invertible import Invertible
from multicnn.audio.reader import SoundReader
from multicnn.errors import UsageError

READER = SoundReader(rate=16_000, seconds=1.0)


@pytest.mark.parametrize("t", [0, 1, 255, 256, 1000, 16_001])
def test_the_way_back_is_exact(t):
    front = Invertible(READER)
    x = torch.randn(2, t) * 0.1
    spectrum = front.spectrum(x)
    assert spectrum.shape == (2, 2, 513, 1 + max(1, -(-t // 256)))
    back = front.sound(torch.stack([spectrum, 2 * spectrum], 1))
    assert back.shape[:2] == (2, 2)
    torch.testing.assert_close(back[:, 0, :t], x, rtol=0, atol=1e-6)
    torch.testing.assert_close(back[:, 1, :t], 2 * x, rtol=0, atol=1e-6)


def test_levels_are_librosas_in_decibels(tone):
    front = Invertible(READER)
    wanted = np.abs(librosa.stft(np.pad(tone, (0, -len(tone) % 256)), n_fft=1024, hop_length=256)) * 2 / 512
    levels = front(torch.from_numpy(tone)[None])[0, 0].numpy()
    np.testing.assert_allclose(levels, 10 * np.log10(wanted**2 + 1e-8), rtol=0, atol=2e-3)
    assert levels.max() == pytest.approx(20 * np.log10(0.5), abs=1.0)  # a sine of half the scale, fading


def test_levels_are_normalised_by_frequency_over_the_training_sounds():
    front = Invertible(READER)
    batches = [torch.randn(3, 16_000) * 0.1, torch.randn(3, 16_000) * 0.01]
    front.fit(batches)
    levels = torch.cat([front(batch) for batch in batches])
    torch.testing.assert_close(levels.mean((0, 1, 3)), torch.zeros(513), rtol=0, atol=1e-3)
    torch.testing.assert_close(levels.std((0, 1, 3)), torch.ones(513), rtol=0, atol=1e-2)


def test_silence_has_a_level_and_autocast_changes_nothing():
    front = Invertible(READER)
    x = torch.randn(1, 4000) * 0.1
    with torch.autocast("cpu", torch.bfloat16):
        cast = front(x)
    torch.testing.assert_close(cast, front(x))
    assert front(torch.zeros(1, 4000)).eq(-80).all()


def test_a_window_of_nothing_is_refused():
    with pytest.raises(UsageError, match=r"spectra of 0.0001 s at 16000 Hz are 2 samples; make them longer"):
        Invertible(READER, window=1e-4)
