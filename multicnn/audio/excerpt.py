"""A stretch of a sound file as a sample of its own: `talk.wav#t=1.5,3.25`, seconds, as W3C's media fragments say it."""

import os
import re

import numpy as np

from multicnn.audio.decode import opened
from multicnn.errors import DataError

FRAGMENT = re.compile(r"(.*)#t=(\d+(?:\.\d*)?),(\d+(?:\.\d*)?)", re.DOTALL)
Stretch = tuple[str, float, float]


def excerpt(path: str, start: float, end: float) -> str:
    """The name of a stretch, from `start` to `end` seconds."""
    return f"{path}#t={start:.6f},{end:.6f}"


def stretch(item: str | os.PathLike[str]) -> Stretch | None:
    """File, start and end of such a name; None for a name of a whole file."""
    found = FRAGMENT.fullmatch(os.fspath(item))
    return (found[1], float(found[2]), float(found[3])) if found else None


def read_stretch(path: str, start: float, end: float) -> tuple[np.ndarray, int]:
    """Its samples, the channels averaged, and their rate in Hz.  -> t, float32

    Raises DataError where the file ends before the stretch begins, or by more than half a second within it.
    """
    from soundfile import LibsndfileError

    with opened(path) as file:
        rate = file.samplerate
        first, last = round(start * rate), round(end * rate)
        try:
            file.seek(min(first, file.frames))
            sound = file.read(last - first, dtype="float32", always_2d=True).mean(axis=1, dtype=np.float32)
        except LibsndfileError as error:
            raise DataError(f"{path}: damaged between {start:g} and {end:g} s ({error}); replace the file") from error
        if len(sound) < min(1, last - first) or last - first - len(sound) > rate / 2:
            length = file.frames / rate
            raise DataError(f"{path}: {length:.4g} s long, without the stretch from {start:g} to {end:g} s; correct it")
        return sound, rate
