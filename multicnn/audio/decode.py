"""A sound file as one channel of numbers, or a sentence that says why not."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from multicnn.audio.codec import NAMES as CODECS
from multicnn.audio.codec import REPLACE, Coded, codec_of
from multicnn.errors import DataError

if TYPE_CHECKING:
    from soundfile import SoundFile

BLOCK = 1 << 20  # frames read at once, so that six channels of an hour never lie in memory
ENOUGH = 0.9  # of the frames a header promises: lossy formats only estimate them
SLACK = 64  # frames; writers of other formats count a header or a fade into the sound
STREAMED = 0x7FFFFFFF  # bytes and more, or 0, stand in the header of a file whose length was not known
LOSSY = ("MP3", "OGG", *CODECS)
OGG_PAGE = 65_307  # bytes, at most
SIZED = {"WAV": "data", "WAVEX": "data", "AIFF": "SSND", "W64": "riff"}  # the chunk that tells a file's length


class Header(NamedTuple):
    """What a file says of itself. rate: Hz."""

    rate: int
    seconds: float


def header(path: str | os.PathLike[str]) -> Header:
    """Rate and length without decoding. Raises DataError where the file is no sound."""
    with opened(path) as file:
        return Header(file.samplerate, file.frames / file.samplerate)


def decode(path: str | os.PathLike[str]) -> tuple[np.ndarray, int]:
    """All its samples, the channels averaged, and their rate in Hz.

    The length is that of what decodes, not of what the header says. Raises DataError for a file without samples, one
    that ends early, and one that is no sound.  -> t, float32
    """
    with opened(path) as file:
        return np.concatenate([*mono(path, file), np.zeros(0, np.float32)]), file.samplerate


def mono(path: str | os.PathLike[str], file: "SoundFile") -> Iterator[np.ndarray]:
    """The samples of an open file block by block, as `decode` returns and refuses them.  -> frames, float32"""
    from soundfile import LibsndfileError

    frames = 0
    try:
        for block in _blocks(file):
            frames += len(block)
            yield block.mean(axis=1, dtype=np.float32)
    except LibsndfileError as error:
        raise DataError(f"{path}: damaged {file.format} file, {_reason(error)}; {REPLACE}") from error
    _refuse_short(path, file, frames)


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator["SoundFile"]:
    """The file, open for reading. Raises DataError that names what it is instead of a sound."""
    from soundfile import LibsndfileError, SoundFile

    start = _start(Path(path))
    if codec := codec_of(start):
        yield cast("SoundFile", Coded(path, codec))  # of which no more is used than it has
        return
    try:
        file = SoundFile(os.fspath(path))
    except (LibsndfileError, OSError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a sound that can be read ({_reason(error)}); {REPLACE}") from error
    with file:
        yield file


def _blocks(file: "SoundFile") -> Iterator[np.ndarray]:
    """Until nothing more decodes.  -> frames channels"""
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        yield block


def _reason(error: Exception) -> str:
    """libsndfile's own words without prefix and full stop; it may say that a file is not there, which is."""
    words = str(getattr(error, "error_string", error)).removeprefix("Error : ").strip().rstrip(".").lower()
    return "nothing in it decodes" if "does not exist" in words else words


def _start(path: Path) -> bytes:
    """Its first bytes. Raises DataError for what is no file, or none that can be read; a pipe would be waited for."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise DataError(f"{path}: a folder, not a sound; give a file")
        if not stat.S_ISREG(mode):
            raise DataError(f"{path}: a pipe or a device, not a file; write its sound to a file first")
        with path.open("rb") as file:
            start = file.read(16)
    except (FileNotFoundError, ValueError):
        if path.is_symlink():
            raise DataError(f"{path}: a link to {path.readlink()}, which does not exist; mend the link") from None
        raise DataError(f"{path}: no such file; check the name") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if not start:
        raise DataError(f"{path}: the file is empty (0 bytes); {REPLACE}")
    return start


def _refuse_short(path: str | os.PathLike[str], file: "SoundFile", frames: int) -> None:
    """Raises DataError for no samples, or clearly fewer than the file itself promises."""
    promised = _promised(file)
    if frames < (promised * ENOUGH if file.format in LOSSY else promised - SLACK):
        have, whole = frames / file.samplerate, promised / file.samplerate
        raise DataError(f"{path}: {file.format} file ends after {have:.3g} of {whole:.3g} s; {REPLACE}")
    if file.format == "OGG" and _ends_within_page(Path(path)):
        raise DataError(f"{path}: OGG file ends within a page, after {frames / file.samplerate:.3g} s; {REPLACE}")
    if frames == 0:
        raise DataError(f"{path}: {file.format} file without samples; {REPLACE}")


def _ends_within_page(path: Path) -> bool:
    """Whether the last page of an Ogg file is cut off; libsndfile passes over it in silence. RFC 3533, section 6."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - OGG_PAGE))
        end = file.read()
    page = end[max(0, end.rfind(b"OggS")) :]
    if len(page) < 27:
        return True
    segments = page[26]
    return len(page) < 27 + segments + sum(page[27 : 27 + segments])


def _promised(file: "SoundFile") -> int:
    """Frames that the header tells of; libsndfile corrects those of some formats cut short, and logs it."""
    chunk = SIZED.get(file.format)
    cut = re.search(rf"^\s*{chunk} *: (\d+) \(should be (\d+)\)", file.extra_info, re.MULTILINE)
    if cut is None or int(cut[2]) == 0 or not 0 < int(cut[1]) < STREAMED:
        return file.frames
    return file.frames * int(cut[1]) // int(cut[2])
