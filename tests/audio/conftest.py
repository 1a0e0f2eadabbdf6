"""Sounds that the audio tests share."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 16_000  # Hz


@pytest.fixture
def tone() -> np.ndarray:
    """A second of 440 Hz at 16 kHz, fading."""
    t = np.arange(RATE) / RATE
    return (0.5 * np.sin(2 * np.pi * 440 * t) * np.exp(-2 * t)).astype(np.float32)


@pytest.fixture
def tone_file(tmp_path: Path, tone: np.ndarray) -> Path:
    """The same as a 16-bit WAV file."""
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone, RATE, subtype="PCM_16")
    return path
