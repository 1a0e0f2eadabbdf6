"""What tells sounds apart for the audit: their spectrum over time, their waveform, and that some hold nothing."""

from collections.abc import Callable

import numpy as np
import torch

from multicnn.audio.reader import SoundReader
from multicnn.audio.segment import item_header
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.spectra import Spectra
from multicnn.audio.wave import FULL
from multicnn.data.store import Store, Tick
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.insight.audit.codes import banded, code_prints, waves
from multicnn.insight.audit.fingerprint import Fingerprint, Flaw
from multicnn.insight.audit.near import unlike

MELS, TIMES, COARSE = 24, 32, 8  # bands, steps of the whole sound, waves a side
LOWEST, HIGHEST = 60.0, 1_900.0  # Hz: what other rates and codecs leave alone
RINGS = (0.5, 2.5, 4.5, 6.0)  # radii of waves
FLOOR, ENDS = 60.0, 35.0  # dB below the loudest: what counts as nothing, and where a sound begins and ends
CLOSE = 0.45  # of the distance to strangers: only then are waveforms compared
ALIKE = 0.92  # correlation of waveforms; MP3 keeps 0.93, and two takes of a spoken digit reach 0.90
HEARD = 4_000  # Hz at which waveforms are compared
LONGEST = 30.0  # s of a sound that are looked at
SILENT = -70.0  # dB of full scale
SHORT = 0.05  # s
CLIPPED = 0.001  # of the samples at full scale, from which a sound is clipped
HELD = 64


def fingerprint(table: Table, reader: SoundReader | SeriesReader, store: Store, tick: Tick) -> Fingerprint:
    """Of sounds; series are told by their content alone."""
    if isinstance(reader, SeriesReader) or store.offsets is None:
        return Fingerprint(store.hashes, unlike(len(store)), {})
    rate, n = reader.rate, len(store)
    spectra = Spectra(
        rate, mels=MELS, window=0.032, hop=0.008, fmin=min(LOWEST, rate / 8), fmax=min(HIGHEST, rate / 2), top=None
    )
    grids = np.zeros((n, MELS, TIMES), dtype=np.float16)
    level, clipped = np.full(n, -np.inf), np.zeros(n)
    for row in range(n):
        sound = store[row][: round(LONGEST * rate)]
        if row not in store.bad and len(sound):
            level[row], clipped[row] = loudness(sound), at_the_limit(sound)
            grids[row] = grid(sound, spectra) if level[row] > SILENT else 0
        if row % HELD == HELD - 1 or row == n - 1:
            tick(row + 1, n)
    codes = banded(waves(grids, COARSE), RINGS)
    prints = code_prints(codes, CLOSE, waveforms(store, rate))
    return Fingerprint(store.hashes, prints, headers(table), flaws(store, rate, level, clipped))


def flaws(store: Store, rate: int, level: np.ndarray, clipped: np.ndarray) -> list[Flaw]:
    """Silence, clipping, and sounds too short to be one."""
    readable = np.array([row not in store.bad for row in range(len(store))])
    length = store.lengths(np.arange(len(store)))
    short = readable & (length < SHORT * rate)
    silent = readable & (level <= SILENT) & (length != 1)  # one number has no loudness
    loud = readable & (clipped >= CLIPPED)
    cut = f"{100 * CLIPPED:g} % of their numbers or more cut off at full scale; record less loud"
    return [
        Flaw("silent", "warning", np.flatnonzero(silent), f"silence throughout, below {SILENT:g} dB", "drop"),
        Flaw("short", "warning", np.flatnonzero(short), f"less than {SHORT:g} s of sound", "keep"),
        Flaw("clipped", "note", np.flatnonzero(loud), cut),
    ]


def loudness(sound: np.ndarray) -> float:
    """Of a whole sound without its mean, in dB of full scale.  t"""
    power = float(np.var(sound.astype(np.float32) / FULL))
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def at_the_limit(sound: np.ndarray) -> float:
    """Share of the samples that stand with a neighbour at the largest or the smallest number.  t"""
    limit = (sound >= FULL - 1) | (sound <= -FULL)
    return float((limit[1:] & limit[:-1]).mean()) if len(sound) > 1 else 0.0


def grid(sound: np.ndarray, spectra: Spectra) -> np.ndarray:
    """Levels from where a sound begins to where it ends, in TIMES steps.  t -> MELS TIMES, dB"""
    levels = spectra(torch.from_numpy(np.array(sound))[None])[0].numpy()
    levels = np.maximum(levels, levels.max() - FLOOR)
    power = (10 ** (levels / 10)).sum(axis=0)
    heard = np.flatnonzero(power > power.max() * 10 ** (-ENDS / 10))
    part = levels[:, heard[0] : heard[-1] + 1]
    sums = np.concatenate([np.zeros((len(part), 1)), np.cumsum(part, axis=1)], axis=1)
    edges = np.linspace(0, part.shape[1], TIMES + 1)
    at = np.array([np.interp(edges, np.arange(sums.shape[1]), line) for line in sums])
    steps = np.diff(at, axis=1) * TIMES / part.shape[1]
    return steps - steps.mean()


def waveforms(store: Store, rate: int) -> Callable[[np.ndarray], np.ndarray]:
    """Whether two sounds are one recording: their waveforms agree, whatever comes before or is cut off."""
    from soxr import resample

    def heard(row: int) -> np.ndarray:
        sound = store[row][: round(LONGEST * rate)].astype(np.float32) / FULL
        return resample(sound, rate, HEARD, quality="LQ") if rate > HEARD else sound

    def sure(pairs: np.ndarray) -> np.ndarray:
        return np.array([correlation(heard(a), heard(b)) >= ALIKE for a, b in pairs.tolist()], dtype=bool)

    return sure


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The largest of two waveforms moved against each other, -1 to 1."""
    n = 1 << (len(a) + len(b)).bit_length()
    moved = np.fft.irfft(np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n)), n)
    return float(moved.max() / max(1e-12, float(np.sqrt((a @ a) * (b @ b)))))


def headers(table: Table) -> dict[str, np.ndarray]:
    """Of the files: rate in Hz and length in seconds."""
    if table.items.dtype != np.dtypes.StringDType():
        return {}
    found = np.full((len(table), 2), np.nan)
    for row, item in enumerate(table.items):
        try:
            found[row] = item_header(item)
        except DataError:
            continue  # it is among the unreadable ones, or a track of several files
    return {"Hz": found[:, 0], "seconds": found[:, 1]}
