"""The front-ends of sounds against librosa, and their promises."""

import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio import mel
from multicnn.audio.frontend import LogMel, Mfcc, Spectra, Waveform
from multicnn.audio.reader import SoundReader
from multicnn.errors import UsageError

READER = SoundReader(rate=16_000, seconds=0.5)
CASES = 80


def difference(ours: torch.Tensor, theirs: np.ndarray) -> float:
    """Largest difference relative to the largest value."""
    return float(np.abs(ours[0].numpy() - theirs).max() / np.abs(theirs).max())


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("case", range(CASES))
def test_spectra_are_those_of_librosa(case: int):
    random = np.random.default_rng(case)
    rate = int(random.choice([8_000, 16_000, 22_050, 44_100]))
    n_fft = int(random.integers(16, 2_100)) | (case % 3 == 0)
    window = int(random.integers(max(2, n_fft // 4), n_fft + 1))
    hop, mels = int(random.integers(1, window + 1)), int(random.integers(1, 100))
    fmin, fmax = float(random.uniform(0, 300)), float(random.uniform(1_000, rate / 2))
    length = int(random.integers(1, n_fft + 1) if case % 2 else random.integers(n_fft, 12_000))
    top, coefficients = float(random.choice([20, 80, 120])), min(20, mels)
    sound = (random.standard_normal(length) * random.uniform(0.001, 0.5)).astype(np.float32)

    power = librosa.feature.melspectrogram(
        y=sound, sr=rate, n_fft=n_fft, win_length=window, hop_length=hop, n_mels=mels, fmin=fmin, fmax=fmax
    )
    levels = librosa.power_to_db(power, top_db=top)
    cepstra = librosa.feature.mfcc(S=levels, n_mfcc=coefficients)

    filters = mel.filterbank(rate, n_fft, mels, fmin, fmax)
    ours = mel.mel_power(torch.from_numpy(sound)[None], mel.hann(window, n_fft), hop, filters)
    assert difference(ours, power) <= 3e-6
    assert difference(mel.decibels(ours, top), levels) <= 3e-6
    assert difference(mel.cosines(coefficients, mels) @ mel.decibels(ours, top), cepstra) <= 3e-6


def test_a_clip_that_is_not_there_yet_gives_one_silent_frame():
    power = mel.mel_power(torch.zeros(1, 0), mel.hann(400, 512), 160, mel.filterbank(16_000, 512, 40, 0, 8_000))
    assert power.shape == (1, 40, 1)
    assert not power.any()


def test_logmel_before_normalisation_is_librosas_with_the_same_settings(tone: np.ndarray):
    theirs = librosa.power_to_db(
        librosa.feature.melspectrogram(y=tone, sr=16_000, n_fft=512, hop_length=160, n_mels=64), top_db=80
    )
    ours = LogMel(READER)(torch.from_numpy(tone)[None])[0, 0].numpy()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-3)  # dB; rounding of the FFT, 60 dB below the peak


def test_the_loudest_clip_of_a_batch_does_not_raise_the_floor_of_the_others(tone: np.ndarray):
    loud, quiet = torch.from_numpy(tone), torch.from_numpy(tone) * 1e-4
    frontend = LogMel(READER)
    torch.testing.assert_close(frontend(torch.stack([loud, quiet]))[1:], frontend(quiet[None]))


@pytest.mark.parametrize("build", [Waveform, LogMel, Mfcc])
def test_neighbours_in_the_batch_do_not_matter(build: type):
    raw = torch.randint(-30_000, 30_000, (5, 8_000), dtype=torch.int16)
    frontend = build(READER)
    together = frontend(raw)
    for i in range(5):
        torch.testing.assert_close(frontend(raw[i : i + 1]), together[i : i + 1], rtol=1e-6, atol=1e-5)


def test_large_batches_are_transformed_in_parts_with_the_same_result(monkeypatch: pytest.MonkeyPatch):
    raw = torch.randint(-30_000, 30_000, (9, 8_000), dtype=torch.int16)
    whole = LogMel(READER)(raw)
    monkeypatch.setattr(mel, "LARGEST", 300_000)
    torch.testing.assert_close(LogMel(READER)(raw), whole, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("build", [Waveform, LogMel, Mfcc])
def test_sixteen_bits_and_floating_numbers_are_the_same_sound(build: type):
    raw = torch.randint(-30_000, 30_000, (2, 4_000), dtype=torch.int16)
    torch.testing.assert_close(build(READER)(raw), build(READER)(raw / 32768), rtol=0, atol=0)


@pytest.mark.parametrize("build", [Waveform, LogMel, Mfcc])
def test_autocast_changes_nothing(build: type):
    raw = torch.randint(-30_000, 30_000, (2, 4_000), dtype=torch.int16)
    frontend = build(READER)
    with torch.autocast("cpu", torch.bfloat16):
        under = frontend(raw)
    assert under.dtype == torch.float32
    torch.testing.assert_close(under, frontend(raw), rtol=0, atol=0)


@pytest.mark.parametrize("build", [LogMel, Mfcc])
def test_fit_makes_every_row_mean_0_and_deviation_1(build: type):
    torch.manual_seed(1)
    batches = [torch.randint(-(2**k), 2**k, (4, 6_000), dtype=torch.int16) for k in range(6, 14)]
    frontend = build(READER)
    frontend.fit(batches)
    grid = torch.cat([frontend(x) for x in batches]).flatten(0, -3).double()
    torch.testing.assert_close(grid.mean((0, 2)), torch.zeros(grid.shape[1]).double(), rtol=0, atol=1e-4)
    torch.testing.assert_close(grid.std((0, 2), correction=0), torch.ones(grid.shape[1]).double(), rtol=0, atol=1e-4)


def test_fit_of_the_waveform_makes_its_deviation_1_and_travels_in_the_weights():
    raw = torch.randint(-9_000, 9_000, (4, 6_000), dtype=torch.int16)
    frontend = Waveform(READER)
    frontend.fit([raw])
    assert frontend(raw).std(correction=0).item() == pytest.approx(1, abs=1e-4)
    other = Waveform(READER)
    other.load_state_dict(frontend.state_dict())
    torch.testing.assert_close(other(raw), frontend(raw))


def test_silence_is_finite_and_fits():
    for build in (Waveform, LogMel, Mfcc):
        frontend = build(READER)
        frontend.fit([torch.zeros(2, 4_000, dtype=torch.int16)])
        assert torch.isfinite(frontend(torch.zeros(2, 4_000, dtype=torch.int16))).all()


@settings(max_examples=25, deadline=None)
@given(t=st.integers(1, 5_000), mels=st.integers(1, 128), rate=st.sampled_from([4_000, 8_000, 16_000, 48_000]))
def test_shapes_are_as_the_docstrings_say_and_no_filter_is_empty(t: int, mels: int, rate: int):
    reader = SoundReader(rate=rate, seconds=0.5)
    raw = torch.zeros(2, t, dtype=torch.int16)
    frontend = LogMel(reader, mels=mels)
    assert frontend(raw).shape == (2, 1, mels, 1 + t // (rate // 100))
    assert Mfcc(reader, mels=mels, coefficients=mels)(raw).shape == (2, mels, 1 + t // (rate // 100))
    assert Waveform(reader)(raw).shape == (2, 1, t)
    assert (frontend.spectra.filters.sum(1) > 0).all()
    assert (LogMel.rank, Mfcc.rank, Waveform.rank) == (2, 1, 1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100])
def test_step_is_the_seconds_of_a_cell_of_time(rate: int):
    """A click falls into the cell that its time says, exactly, ten seconds in."""
    reader = SoundReader(rate=rate, seconds=10.0)
    raw = torch.zeros(1, reader.window)
    place = int(9.3 * rate)
    raw[0, place] = 0.5
    for build in (Waveform, LogMel, Mfcc):
        frontend = build(reader)
        grid = frontend(raw)
        energy = (grid - grid[..., :1]).abs().flatten(0, -2).sum(0)
        assert abs(float(energy.argmax()) * frontend.step - place / rate) <= max(frontend.step, 0.01)
        assert grid.shape[-1] * frontend.step == pytest.approx(10, abs=frontend.step)


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"fmax": 9_000.0}, "0 to 8000 Hz at most"),
        ({"fmin": 500.0, "fmax": 400.0}, "they must rise"),
        ({"hop": 0.0}, "make them larger"),
        ({"mels": 500, "fmin": 100.0, "fmax": 101.0}, "too narrow; take fewer"),
    ],
)
def test_settings_that_make_no_spectrum_are_refused(given_: dict, says: str):
    with pytest.raises(UsageError, match=says):
        LogMel(READER, **given_)


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(UsageError, match="65 coefficients of 64 mel bands"):
        Mfcc(READER, coefficients=65)


def test_front_ends_are_exported_by_torch():
    frontend = LogMel(READER)
    raw = torch.randint(-9_000, 9_000, (2, 8_000), dtype=torch.int16)
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.export.export(frontend, (raw,), dynamic_shapes=({0: batch},))
    wide = raw.repeat(3, 1)
    torch.testing.assert_close(program.module()(wide), frontend(wide))


def test_spectra_are_what_logmel_normalises(tone: np.ndarray):
    spectra = Spectra(16_000, mels=64, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)
    raw = torch.from_numpy(tone)[None]
    torch.testing.assert_close(LogMel(READER)(raw)[:, 0], spectra(raw))
