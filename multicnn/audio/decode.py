"""A sound file as one channel of numbers, or a sentence that says why not."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from multicnn.errors import DataError

if TYPE_CHECKING:
    from soundfile import SoundFile

BLOCK = 1 << 20  # frames read at once, so that six channels of an hour never lie in memory
ENOUGH = 0.9  # of the frames a header promises: lossy formats only estimate them
SLACK = 64  # frames; writers of other formats count a header or a fade into the sound
STREAMED = 0x7FFFFFFF  # bytes and more, or 0, stand in the header of a file whose length was not known
LOSSY = ("MP3", "OGG")
OGG_PAGE = 65_307  # bytes, at most
SIZED = {"WAV": "data", "WAVEX": "data", "AIFF": "SSND", "W64": "riff"}  # the chunk that tells a file's length

# What the bytes at the start of a file say of codecs that libsndfile lacks: offset, bytes, name.
OTHERS = (
    (4, b"ftyp", "MPEG-4 (AAC, ALAC)"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75", "Windows Media"),
    (0, b"#!AMR", "AMR"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
)


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


REPLACE = "replace the file, or leave it out with --on-bad skip"


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator["SoundFile"]:
    """The file, open for reading. Raises DataError that names what it is instead of a sound."""
    from soundfile import LibsndfileError, SoundFile

    try:
        file = SoundFile(os.fspath(path))
    except (LibsndfileError, OSError, TypeError, ValueError) as error:
        raise DataError(f"{path}: {_instead(Path(path), error)}") from error
    with file:
        yield file


def _blocks(file: "SoundFile") -> Iterator[np.ndarray]:
    """Until nothing more decodes.  -> frames channels"""
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        yield block


def _reason(error: Exception) -> str:
    """libsndfile's own words, without its prefix and its full stop."""
    return str(getattr(error, "error_string", error)).removeprefix("Error : ").strip().rstrip(".").lower()


def _instead(path: Path, error: Exception) -> str:
    """Why a file could not be opened, and what to do."""
    if not path.exists():
        return "no such file; check the name"
    if path.is_dir():
        return "a folder, not a sound; give a file"
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as unreadable:
        return f"cannot be read ({unreadable.strerror}); check its permissions"
    if not start:
        return f"the file is empty (0 bytes); {REPLACE}"
    for offset, mark, codec in OTHERS:
        if start[offset:].startswith(mark):
            return f"{codec} has no decoder here; convert it, as by `ffmpeg -i {path.name} {path.stem}.flac`"
    return f"not a sound that can be read ({_reason(error)}); {REPLACE}"


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
