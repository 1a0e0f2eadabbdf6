"""A sound, or a series, small enough to stand in a page."""

from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
import torch

from multicnn.audio.events.reader import PieceReader
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.spectra import Spectra
from multicnn.data.reader import Reader
from multicnn.insight.chart import Line, chart
from multicnn.insight.page import Html, join, paragraph, picture, sound

SECONDS = 5.0  # of a sound that is played
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000)  # Hz, that an MP3 may have and a page has room for
CHANNELS = 4  # of a series that are drawn
MELS = 64
SIZE = (320, 96)  # pixels of a spectrogram
# black, violet, red, yellow: equal steps look equal (B. van der Walt, S. Smith: magma)
SHADES = np.array([
    [0, 0, 4], [28, 16, 68], [79, 18, 123], [129, 37, 129], [181, 54, 122], [229, 80, 100], [251, 135, 97],
    [254, 194, 135], [252, 253, 191],
])  # fmt: skip


def media(item: Any, reader: Reader) -> Html:
    """What the net is given for `item`: a player of a sound's first seconds and their spectrum; of a series lines."""
    if isinstance(reader, SeriesReader):
        return series(reader(item), reader)
    heard = reader(item)
    heard = np.trim_zeros(heard, "b") if isinstance(reader, PieceReader) else heard  # filled up to the piece's length
    return clip(heard, getattr(reader, "rate"))  # noqa: B009


def clip(heard: np.ndarray, rate: int, *, seconds: float = SECONDS) -> Html:
    """A player of the first seconds, their spectrum, and how long it all is.  t, int16"""
    first = heard[: round(seconds * rate)]
    length = len(heard) / rate
    cut = f"the first {seconds:g} of {length:.1f} s" if len(first) < len(heard) else f"{length:.2g} s"
    data, kind = played(first, rate)
    return join([
        picture(spectrogram(first, rate), "spectrogram, low tones below"),
        sound(data, kind),
        paragraph(f"{cut}, up to {rate / 2000:g} kHz", kind="note"),
    ])  # fmt: skip


def played(heard: np.ndarray, rate: int) -> tuple[bytes, str]:
    """The sound as an MP3, or as a WAV where this machine writes none.  t, int16 -> the file, its kind"""
    import soundfile

    own = next((r for r in RATES if r >= rate), RATES[-1])
    if own != rate:
        from soxr import resample

        heard = resample(heard, rate, own, quality="HQ")
    file = BytesIO()
    try:
        soundfile.write(file, heard, own, format="MP3")
        return file.getvalue(), "mpeg"
    except (soundfile.LibsndfileError, ValueError):  # a libsndfile older than 1.1
        file = BytesIO()
        soundfile.write(file, heard, own, format="WAV", subtype="PCM_16")
        return file.getvalue(), "wav"


def spectrogram(heard: np.ndarray, rate: int) -> bytes:
    """Mel bands over time, as a small JPEG, the loudest brightest, 70 dB less black.  t, int16"""
    from PIL import Image

    spectra = _spectra(rate)
    levels = spectra(torch.from_numpy(np.array(heard if len(heard) else [0], dtype=np.int16))[None])[0].numpy()
    share = ((levels - levels.max()) / 70 + 1).clip(0, 1)[::-1]
    at = np.linspace(0, 1, len(SHADES))
    colours = np.stack([np.interp(share, at, shade) for shade in SHADES.T], axis=-1).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(colours).resize(SIZE, Image.Resampling.BILINEAR).save(file, "JPEG", quality=80, optimize=True)
    return file.getvalue()


@lru_cache(maxsize=2)
def _spectra(rate: int) -> Spectra:
    return Spectra(rate, mels=MELS, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)


def series(values: np.ndarray, reader: SeriesReader) -> Html:
    """A line a channel.  t c"""
    at = np.arange(len(values)) * reader.step
    unit = "steps" if reader.rate is None else "s"
    names = reader.labels[:CHANNELS]
    drawn = [
        chart([Line(name, at, line)], up=name, across=unit if last else "", size=(320, 90))
        for name, line, last in zip(names, values.T, [*[False] * (len(names) - 1), True], strict=False)
    ]
    more = values.shape[1] - len(drawn)
    return join([*drawn, *([paragraph(f"{more} more channels", kind="note")] if more else [])])
