"""A piece of a sound file as a sample: `path#t=1.5,3` is the seconds 1.5 to 3 of `path`.

The ending is that of media fragments, www.w3.org/TR/media-frags, section 4.2.1.
"""

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from multicnn.audio.decode import REPLACE, Header, decode, header, opened
from multicnn.errors import DataError

if TYPE_CHECKING:
    from soundfile import SoundFile

ENDING = re.compile(r"(.+)#t=(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)", re.DOTALL)
SLACK = 0.05  # s by which a piece may reach beyond the end: lists round, and lossy formats lose a frame


class Segment(NamedTuple):
    """start, stop: s, or None for the whole file."""

    path: str
    start: float | None = None
    stop: float | None = None


def segment(item: str | os.PathLike[str]) -> Segment:
    """What an item names; a file whose own name ends like that is itself."""
    name = os.fspath(item)
    match = ENDING.fullmatch(name)
    if match is None or os.path.exists(name):
        return Segment(name)
    return Segment(match[1], float(match[2]), float(match[3]))


def cells(item: str | os.PathLike[str]) -> dict[str, str]:
    """An item as columns of a table: its file, and the seconds that a piece begins and ends at."""
    path, start, stop = segment(item)
    return {"path": path, **({"onset": str(start), "offset": str(stop)} if start is not None else {})}


def named(path: str, start: float, stop: float) -> str:
    """The item that names the seconds `start` to `stop` of a file, to a microsecond."""
    edges = (f"{edge:.6f}".rstrip("0").rstrip(".") for edge in (start, stop))
    return f"{path}#t={','.join(edges)}"


def item_header(item: str | os.PathLike[str]) -> Header:
    """Rate and length of a file or of a piece of one, without decoding. Raises DataError where it is no sound."""
    path, start, stop = segment(item)
    found = header(path)
    return found if start is None or stop is None else Header(found.rate, max(0.0, min(stop, found.seconds) - start))


def decode_item(item: str | os.PathLike[str]) -> tuple[np.ndarray, int]:
    """`decode` of a file or of a piece of one, of which nothing else is read.

    Raises DataError where a piece is empty or lies beyond the sound's end.  -> t, float32
    """
    path, start, stop = segment(item)
    if start is None or stop is None:
        return decode(path)
    with opened(path) as file:
        whole = file.frames / file.samplerate
        if not start < min(stop, whole) or stop > whole + SLACK:
            raise DataError(
                f"{path}: no seconds {start:g} to {stop:g} in a sound of {whole:.6g} s; "
                "correct the times, seconds from its start, or leave it out with --on-bad skip"
            )
        return _read(path, file, start, stop), file.samplerate


def _read(path: str, file: "SoundFile", start: float, stop: float) -> np.ndarray:
    """The channels averaged of some seconds. Raises DataError where they do not decode.  -> t, float32"""
    from soundfile import LibsndfileError

    first = round(start * file.samplerate)
    try:
        file.seek(first)
        block = file.read(round(stop * file.samplerate) - first, dtype="float32", always_2d=True)
    except LibsndfileError as error:
        raise DataError(f"{path}: damaged {file.format} file at {start:g} s; {REPLACE}") from error
    if not len(block):
        raise DataError(f"{path}: nothing decodes at {start:g} s; {REPLACE}")
    return block.mean(axis=1, dtype=np.float32)
