"""Spectra against librosa, and each dialect against its published formula."""

import warnings

import librosa
import numpy as np
import pytest
import torch

from multicnn.audio.dialects import DIALECTS, levels
from multicnn.audio.frontend import Mfcc, Stft
from multicnn.audio.mel import cosines, filterbank
from multicnn.audio.reader import SoundReader
from multicnn.audio.spectra import Bank, Frames, Spectra

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torchaudio announces its own changes
    import torchaudio
    from torchaudio.compliance import kaldi

CASES = 200
LIBROSA = DIALECTS["librosa"]


def difference(ours: torch.Tensor, theirs: np.ndarray | torch.Tensor) -> float:
    """Largest difference relative to the largest value."""
    theirs = np.asarray(theirs, dtype=np.float64)
    assert ours[0].shape == theirs.shape
    return float(np.abs(ours[0].double().numpy() - theirs).max() / np.abs(theirs).max())


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("case", range(CASES))
def test_spectra_are_those_of_librosa(case: int):
    """Against librosa in double precision, whose own float32 sums differ from it by as much as ours."""
    random = np.random.default_rng(case)
    rate = int(random.choice([8_000, 16_000, 22_050, 44_100]))
    n_fft = int(random.integers(16, 2_100)) | (case % 3 == 0)
    window = int(random.integers(max(2, n_fft // 4), n_fft + 1))
    hop, mels = int(random.integers(1, window + 1)), int(random.integers(1, 100))
    fmin, fmax = float(random.uniform(0, 300)), float(random.uniform(1_000, rate / 2))
    length = int(random.integers(1, n_fft + 1) if case % 2 else random.integers(n_fft, 12_000))
    top, coefficients = float(random.choice([20, 80, 120])), min(20, mels)
    sound = (random.standard_normal(length) * random.uniform(0.001, 0.5)).astype(np.float32)

    sizes = {"n_fft": n_fft, "win_length": window, "hop_length": hop}
    bands = {"n_mels": mels, "fmin": fmin, "fmax": fmax}
    power = librosa.feature.melspectrogram(y=sound.astype(np.float64), sr=rate, dtype=np.float64, **sizes, **bands)
    theirs = librosa.power_to_db(power, top_db=top)
    cepstra = librosa.feature.mfcc(S=theirs, n_mfcc=coefficients)
    stft = np.abs(librosa.stft(sound.astype(np.float64), **sizes)) ** 2

    framing = Frames(window, hop, n_fft, LIBROSA)
    raw, bank = torch.from_numpy(sound)[None], Bank(filterbank(rate, n_fft, mels, fmin, fmax))
    ours = framing.power(raw, framing.taper(), bank)
    assert difference(framing.power(raw, framing.taper()), stft) <= 1e-6
    assert difference(ours, power) <= 1e-6
    assert difference(levels(ours, LIBROSA, top), theirs) <= 3e-6
    assert difference(cosines(coefficients, mels) @ levels(ours, LIBROSA, top), cepstra) <= 3e-6
    assert framing.count(torch.tensor([length])).tolist() == [power.shape[1]]


@pytest.mark.parametrize("odd", [False, True])
def test_a_clip_that_is_not_there_yet_gives_one_silent_frame(odd: bool):
    framing = Frames(400, 160, 512 + odd, LIBROSA)
    power = framing.power(torch.zeros(1, 0), framing.taper())
    assert power.shape == (1, 257, 1)
    assert not power.any()


def sounds(rate: int) -> list[torch.Tensor]:
    """Noise and tones, loud and soft.  t, float32 of 16-bit steps"""
    random = np.random.default_rng(rate)
    times = np.arange(rate) / rate
    made = [
        0.3 * random.standard_normal(rate),
        0.5 * np.sin(2 * np.pi * 440 * times) + 0.01 * random.standard_normal(rate),
        0.003 * random.standard_normal(rate // 3) + 0.1,
    ]
    return [torch.from_numpy(np.rint(sound * 32768).clip(-32768, 32767) / 32768).float() for sound in made]


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("mels", [23, 40])
def test_kaldi_is_what_torchaudio_has_of_it(rate: int, mels: int):
    spectra = Spectra(rate, mels=mels, window=0.025, hop=0.01, fmin=20.0, fmax=None, top=None, dialect="kaldi")
    for sound in sounds(rate):
        theirs = kaldi.fbank(
            sound[None] * 32768,
            num_mel_bins=mels,
            sample_frequency=rate,
            low_freq=20.0,
            dither=0.0,
            window_type="povey",
        )
        torch.testing.assert_close(spectra(sound[None])[0].T, theirs, rtol=1e-4, atol=2e-4)  # theirs is in float32 too


def test_cepstra_of_kaldi_are_what_torchaudio_has_of_it():
    reader = SoundReader(rate=16_000, seconds=1.0)
    mfcc = Mfcc(reader, coefficients=13, mels=23, window=0.025, fmin=20.0, dialect="kaldi")
    for sound in sounds(16_000):
        theirs = kaldi.mfcc(sound[None] * 32768, dither=0.0)
        torch.testing.assert_close(mfcc.cepstra(sound[None])[0].T, theirs, rtol=1e-4, atol=3e-3)


def test_whisper_is_its_published_formula():
    """whisper/audio.py, as of 2022."""
    spectra = Spectra(16_000, mels=80, window=0.025, hop=0.01, fmin=0.0, fmax=None, top=None, dialect="whisper")
    filters = torch.from_numpy(librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80, dtype=np.float64))
    for sound in sounds(16_000):
        stft = torch.stft(sound.double(), 400, 160, window=torch.hann_window(400).double(), return_complex=True)
        log = (filters @ stft[..., :-1].abs() ** 2).clamp(min=1e-10).log10()
        log = torch.maximum(log, log.max() - 8.0)
        torch.testing.assert_close(spectra(sound[None])[0].double(), (log + 4.0) / 4.0, rtol=0, atol=3e-5)  # 0.001 dB


def test_panns_is_its_published_formula():
    """Window 1024, hop 320, 64 bands of 50 to 14,000 Hz at 32 kHz; 10 log10 with a floor of 1e-10 and no other."""
    spectra = Spectra(32_000, mels=64, window=0.032, hop=0.01, fmin=50.0, fmax=14_000.0, top=None, dialect="panns")
    filters = librosa.filters.mel(sr=32_000, n_fft=1024, n_mels=64, fmin=50, fmax=14_000, dtype=np.float64)
    for sound in sounds(32_000):
        stft = librosa.stft(sound.double().numpy(), n_fft=1024, hop_length=320, pad_mode="reflect")
        assert difference(spectra(sound[None]), 10 * np.log10(np.maximum(filters @ np.abs(stft) ** 2, 1e-10))) <= 3e-6


def test_bcresnet_is_its_published_formula():
    spectra = Spectra(
        16_000, mels=40, window=0.03, hop=0.01, fmin=0.0, fmax=None, top=None, n_fft=512, dialect="bcresnet"
    )
    theirs = torchaudio.transforms.MelSpectrogram(16_000, n_fft=512, win_length=480, hop_length=160, n_mels=40)
    for sound in sounds(16_000):
        torch.testing.assert_close(spectra(sound[None])[0], (theirs(sound) + 1e-6).log(), rtol=1e-5, atol=2e-5)


def test_dialects_differ():
    """No two rows of the table say the same."""
    settings = {"mels": 40, "window": 0.025, "hop": 0.01, "fmin": 20.0, "fmax": None, "top": None, "n_fft": 512}
    found = [Spectra(16_000, **settings, dialect=name)(sounds(16_000)[1][None]) for name in DIALECTS]
    for i, one in enumerate(found):
        for other in found[:i]:
            assert one.shape != other.shape or float((one - other).abs().mean()) > 0.05


@pytest.mark.parametrize("t", [1, 2, 100, 255, 256, 257, 399, 400, 401])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_sounds_shorter_than_a_window_have_spectra(t: int, dialect: str):
    spectra = Spectra(16_000, mels=23, window=0.025, hop=0.01, fmin=20.0, fmax=None, top=None, dialect=dialect)
    out = spectra(torch.randint(-9_000, 9_000, (2, t), dtype=torch.int16))
    assert out.shape == (2, 23, int(spectra.framing.count(torch.tensor(t))))
    assert torch.isfinite(out).all()


def test_magnitudes_are_those_of_librosa(tone: np.ndarray):
    theirs = librosa.amplitude_to_db(np.abs(librosa.stft(tone.astype(np.float64), n_fft=512, hop_length=160)))
    ours = Stft(SoundReader(rate=16_000, seconds=1.0))(torch.from_numpy(tone)[None])[0, 0]
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=0, atol=5e-3)  # dB; rounding of the FFT, 80 dB below the peak


def test_no_limit_leaves_what_is_softest(tone: np.ndarray):
    settings = {"mels": 40, "window": 0.025, "hop": 0.01, "fmin": 20.0, "fmax": None}
    raw = torch.from_numpy(tone)[None]
    limited, free = (Spectra(16_000, **settings, top=top)(raw) for top in (None, float("inf")))
    assert float(limited.amax() - limited.amin()) == pytest.approx(80, abs=1e-3)
    torch.testing.assert_close(limited, free.clamp(min=float(free.amax()) - 80))
