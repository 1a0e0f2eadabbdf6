"""The front-ends of sounds against librosa, and their promises."""

import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio import spectra
from multicnn.audio.dialects import DIALECTS
from multicnn.audio.frontend import LogMel, Mfcc, Stft, Waveform
from multicnn.audio.reader import SoundReader
from multicnn.audio.sinc import Sinc
from multicnn.audio.spectra import Spectra
from multicnn.errors import UsageError
from multicnn.names import schema

READER = SoundReader(rate=16_000, seconds=0.5)
FRONTENDS = (Waveform, Stft, LogMel, Mfcc, Sinc)


def build_with(build: type, dialect: str) -> torch.nn.Module:
    """In a dialect, if it has any."""
    return build(READER, dialect=dialect) if "dialect" in schema(build) else build(READER)


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


@pytest.mark.parametrize("build", FRONTENDS)
def test_neighbours_in_the_batch_do_not_matter(build: type):
    raw = torch.randint(-30_000, 30_000, (5, 8_000), dtype=torch.int16)
    frontend = build(READER)
    together = frontend(raw)
    for i in range(5):
        torch.testing.assert_close(frontend(raw[i : i + 1]), together[i : i + 1], rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("build", FRONTENDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_large_batches_are_transformed_in_parts_with_the_same_result(
    build: type, dialect: str, monkeypatch: pytest.MonkeyPatch
):
    raw = torch.randint(-30_000, 30_000, (9, 8_000), dtype=torch.int16)
    whole = build_with(build, dialect)(raw)
    monkeypatch.setattr(spectra, "LARGEST", 100_000)
    torch.testing.assert_close(build_with(build, dialect)(raw), whole, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("build", FRONTENDS)
def test_sixteen_bits_and_floating_numbers_are_the_same_sound(build: type):
    raw = torch.randint(-30_000, 30_000, (2, 4_000), dtype=torch.int16)
    torch.testing.assert_close(build(READER)(raw), build(READER)(raw / 32768), rtol=0, atol=0)


@pytest.mark.parametrize("build", FRONTENDS)
def test_autocast_changes_nothing(build: type):
    raw = torch.randint(-30_000, 30_000, (2, 4_000), dtype=torch.int16)
    frontend = build(READER)
    with torch.autocast("cpu", torch.bfloat16):
        under = frontend(raw)
    assert under.dtype == torch.float32
    torch.testing.assert_close(under, frontend(raw), rtol=0, atol=0)


@pytest.mark.parametrize("build", [LogMel, Mfcc, Stft])
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
    for build in FRONTENDS:
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
    assert Stft(reader)(raw).shape == (2, 1, 1 + (1 << (rate * 4 // 125 - 1).bit_length()) // 2, 1 + t // (rate // 100))
    assert Sinc(reader)(raw).shape == (2, 64, -(-t // 8))
    assert (frontend.spectra.bank.weight.sum(0) > 0).all()
    assert (LogMel.rank, Mfcc.rank, Stft.rank, Waveform.rank, Sinc.rank) == (2, 1, 2, 1, 1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100])
def test_step_is_the_seconds_of_a_cell_of_time(rate: int):
    """A click falls into the cell that its time says, exactly, ten seconds in."""
    reader = SoundReader(rate=rate, seconds=10.0)
    raw = torch.zeros(1, reader.window)
    place = int(9.3 * rate)
    raw[0, place] = 0.5
    for build in FRONTENDS:
        frontend = build(reader)
        with torch.inference_mode():
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
        ({"mels": 0}, "0 mel bands; take 1 at least"),
        ({"dialect": "kalid"}, "no dialect named 'kalid'; did you mean kaldi"),
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


def padded(sound: torch.Tensor, zeros: int) -> torch.Tensor:
    return torch.nn.functional.pad(sound, (0, zeros))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("build", FRONTENDS)
def test_zeros_after_a_sound_change_none_of_its_cells(build: type, dialect: str):
    """Reflection alone mirrors what it finds: there, cells that see the end are left out."""
    frontend = build_with(build, dialect)
    for t in (100, 3_000, 3_217, 7_999):
        raw = torch.randint(-30_000, 30_000, (2, t), dtype=torch.int16)
        alone = frontend(raw)
        same = alone.shape[-1]
        if DIALECTS[dialect].pad == "reflect" and hasattr(frontend, "spectra"):
            same = max(0, (t - 512) // 160)
        longer = frontend(padded(raw, 8_000 - t))
        torch.testing.assert_close(longer[..., :same], alone[..., :same], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("build", FRONTENDS)
def test_fit_takes_no_notice_of_padding(build: type, dialect: str):
    """One by one without zeros, or together with the longest, filled up with zeros."""
    lengths = (700, 2_800, 5_000, 7_600)
    sounds = [torch.randint(-(2 ** (9 + i)), 2 ** (9 + i), (1, n), dtype=torch.int16) for i, n in enumerate(lengths)]
    for sound in sounds:
        sound[:, -600:-1] = 0  # what sees the end sees silence, mirrored or not
        sound[:, -1] = 1
    alone, together = build_with(build, dialect), build_with(build, dialect)
    alone.fit(sounds)
    together.fit([torch.cat([padded(sound, 7_600 - sound.shape[1]) for sound in sounds])])
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(together.state_dict()[name], value, rtol=1e-3, atol=1e-3, msg=name)


def test_without_a_sound_there_is_one_cell_of_silence():
    for n_fft in (512, 513, 701):
        for dialect in DIALECTS:
            for build in (LogMel, Mfcc, Stft):
                out = build(READER, n_fft=n_fft, dialect=dialect)(torch.zeros(2, 0, dtype=torch.int16))
                assert out.shape[-1] == 1
                assert torch.isfinite(out).all()


def test_bands_without_a_bin_are_told():
    assert LogMel(READER, mels=64).said == ()
    (said,) = LogMel(READER, mels=128, window=0.025, n_fft=400, dialect="bcresnet").said
    assert said.startswith("4 of 128 mel bands hold no bin of a transform of 400 samples at 16000 Hz")


@pytest.mark.parametrize("n_fft", [399, 400 * 64])
def test_a_transform_that_does_not_suit_the_window_is_refused(n_fft: int):
    with pytest.raises(UsageError, match=f"n_fft is {n_fft}; it must be from 400, the samples of a window, to 8192"):
        LogMel(READER, window=0.025, n_fft=n_fft)
    with pytest.raises(UsageError, match="n_fft is"):
        Stft(READER, window=0.025, n_fft=n_fft)
