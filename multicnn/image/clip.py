"""Frames of a film, evenly over its length: from a file, or from a folder with a picture a frame."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.layouts.tree import walk
from multicnn.data.table import natural
from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import FILMS, PICTURES
from multicnn.image.decode import decode
from multicnn.image.optional import needed

FRAMES = frozenset(PICTURES)
LOST = 0.1  # share of the frames that a container may announce and not hold
Shrink = Callable[[np.ndarray], np.ndarray]  # h w c -> what is kept of a frame


def is_clip(path: str | os.PathLike[str]) -> bool:
    """Whether it is a film, by its name, or a folder, of frames."""
    return Path(path).suffix.lower() in FILMS or os.path.isdir(path)


def load(path: str | os.PathLike[str], count: int, shrink: Shrink, at_least: tuple[int, int]) -> list[np.ndarray]:
    """`count` frames, each the middle of its share of the clip; of a shorter one, some twice. -> count arrays"""
    if os.path.isdir(path):
        files = frames_of(path)
        return [shrink(decode(files[i], at_least)) for i in middles(len(files), count)]
    return _film(path, count, shrink)


def frames_of(folder: str | os.PathLike[str]) -> list[str]:
    """The pictures of a folder in natural order. Raises DataError where there is none."""
    files = sorted(walk(os.fspath(folder), FRAMES, Counter()), key=lambda file: (natural(file), file))
    if not files:
        raise DataError(f"{folder}: no frames ({', '.join(sorted(FRAMES))}) in the folder; add them or remove it")
    return files


def middles(n: int, count: int) -> list[int]:
    """The middle of each of `count` equal parts of n frames, rounded down."""
    return [(2 * i + 1) * n // (2 * count) for i in range(count)]


def _film(path: str | os.PathLike[str], count: int, shrink: Shrink) -> list[np.ndarray]:
    """Counted first without decoding, then decoded in order."""
    if not os.path.getsize(path):
        raise DataError(f"{path}: the file is empty (0 bytes); copy it again or remove it")
    av = needed("av", "a film")
    with av.open(os.fspath(path)) as film:
        if not film.streams.video:
            raise DataError(f"{path}: holds no video; give films with pictures")
        n = sum(packet.size > 0 for packet in film.demux(film.streams.video[0]))
    wanted = set(middles(n, count))
    kept: dict[int, np.ndarray] = {}
    seen, last = 0, None
    with av.open(os.fspath(path)) as film:
        film.streams.video[0].thread_type = "NONE"  # samples are decoded side by side already
        for seen, frame in enumerate(film.decode(video=0), start=1):
            if seen - 1 in wanted:
                last = kept[seen - 1] = shrink(turned(frame))
    if last is None or seen < (1 - LOST) * n:
        raise DataError(f"{path}: {n} frames announced and {seen} found; copy it again or remove it")
    return [kept.get(i, last) for i in middles(n, count)]


def turned(frame: Any) -> np.ndarray:
    """A decoded frame, turned as its camera was held.  -> h w 3"""
    pixels = frame.to_ndarray(format="rgb24")
    return np.rot90(pixels, round(getattr(frame, "rotation", 0) / 90))
