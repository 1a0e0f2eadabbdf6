"""Sounds and series as a page shows them."""

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
import soundfile
from PIL import Image

from multicnn.audio.events.reader import PieceReader
from multicnn.audio.media import media, played, spectrogram
from multicnn.audio.reader import SoundReader
from multicnn.audio.series.reader import SeriesReader


def heard(html: str) -> tuple[np.ndarray, int]:
    found = re.search(r'src="data:audio/[a-z]+;base64,([^"]+)"', html)
    assert found
    return soundfile.read(BytesIO(b64decode(found[1])))


@pytest.mark.parametrize("rate", [4_000, 8_000, 16_000, 20_000, 48_000])
def test_the_first_seconds_are_played_at_their_pitch(rate: int) -> None:
    t = np.arange(9 * rate) / rate
    html = media(0.5 * np.sin(2 * np.pi * 440 * t), SoundReader(rate=rate, seconds=1.0))
    sound, own = heard(html)
    assert 5 <= len(sound) / own <= 5.15  # MP3 fills its last frame up
    loud = sound[own // 2 : 4 * own]
    assert abs(np.abs(np.fft.rfft(loud)).argmax() * own / len(loud) - 440) < 1
    assert 0.3 < np.abs(loud).max() < 0.7
    assert "the first 5 of 9.0 s" in html
    assert len(html) < 60_000


def test_noise_is_the_largest_file() -> None:
    noise = np.random.default_rng(0).integers(-32_000, 32_000, 16_000 * 10, dtype=np.int16)
    assert len(media(noise, SoundReader(rate=16_000, seconds=1.0))) < 60_000


@pytest.mark.parametrize("samples", [1, 100, 16_000])
def test_short_and_silent_sounds_have_a_player_too(samples: int) -> None:
    html = media(np.zeros(samples, dtype=np.int16), SoundReader(rate=16_000, seconds=1.0))
    assert "<audio" in html
    assert "the first" not in html


def test_zeros_that_fill_a_piece_up_are_not_played(tone: np.ndarray) -> None:
    assert "1 s, up to 8 kHz" in media(tone, PieceReader(rate=16_000, seconds=10.0))


def test_a_machine_that_writes_no_mp3_writes_wav(tone: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    write = soundfile.write

    def old(file: BytesIO, data: np.ndarray, rate: int, format: str, **more: str) -> None:
        if format == "MP3":
            raise ValueError("Unknown format: 'MP3'")
        write(file, data, rate, format=format, **more)

    monkeypatch.setattr(soundfile, "write", old)
    sound = (tone * 32767).astype(np.int16)
    data, kind = played(sound, 16_000)
    assert kind == "wav"
    assert (soundfile.read(BytesIO(data), dtype="int16")[0] == sound).all()


def test_high_tones_stand_above_low_ones_and_time_goes_right() -> None:
    t = np.arange(16_000) / 16_000
    low = (20_000 * np.sin(2 * np.pi * 200 * t) * (t < 0.5)).astype(np.int16)
    high = (20_000 * np.sin(2 * np.pi * 6_000 * t) * (t >= 0.5)).astype(np.int16)
    light = np.asarray(Image.open(BytesIO(spectrogram(low + high, 16_000))).convert("L")).astype(float)
    assert light.shape == (96, 320)
    quarters = [light[:48, 190:].max(), light[48:, :130].max(), light[:48, :130].max(), light[48:, 190:].max()]
    assert min(quarters[:2]) > 180 > 120 > max(quarters[2:])


def test_series_are_drawn_a_line_a_channel() -> None:
    reader = SeriesReader(channels=6, steps=50, rate=10.0, names=["<x>", "y", "z", "u", "v", "w"])
    html = media(np.random.default_rng(0).normal(size=(50, 6)), reader)
    assert html.count('class="line"') == 4
    assert "&lt;x&gt;" in html
    assert "2 more channels" in html
