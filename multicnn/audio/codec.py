"""Sounds that libsndfile cannot open, as m4a and webm, through torchcodec and FFmpeg: an extra of the installation."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError

# What the bytes at the start of a file say of its codec: offset, bytes, name.
CODECS = (
    (4, b"ftyp", "MPEG-4 (AAC, ALAC)"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75", "Windows Media"),
    (0, b"#!AMR", "AMR"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
)
REPLACE = "replace the file, or leave it out with --on-bad skip"
NAMES = tuple(dict.fromkeys(name for _, _, name in CODECS))


def codec_of(start: bytes) -> str | None:
    """The name of the codec that a file starts like; None for what libsndfile knows better."""
    return next((name for offset, mark, name in CODECS if start[offset:].startswith(mark)), None)


class Coded:
    """An open file that is read as soundfile's are; its length is what its header says, and may be an estimate.

    Each block is placed by the clock: where a container counts in milliseconds, as Matroska does, a seam between two
    may repeat or lose as much, but no time is lost or won.
    """

    extra_info = comment = ""

    def __init__(self, path: str | os.PathLike[str], codec: str):
        self.path, self.format = path, codec
        self._decoder = _decoder(Path(path), codec)
        facts = self._decoder.metadata
        self.samplerate, self.channels = int(facts.sample_rate), int(facts.num_channels)
        self._begin = max(0.0, float(facts.begin_stream_seconds or 0.0))
        self.frames = round(float(facts.duration_seconds or 0.0) * self.samplerate)
        self._place = 0

    def seek(self, frame: int) -> int:
        """The next `read` begins there."""
        self._place = frame
        return frame

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """The next `frames`, fewer at the end. Raises DataError for what does not decode.  -> n channels, float32"""
        start, stop = (self._begin + place / self.samplerate for place in (self._place, self._place + frames))
        try:
            found = self._decoder.get_samples_played_in_range(start, stop).data.numpy().T[:frames]
        except RuntimeError as error:
            if "No audio frame" in str(error):  # torchcodec's word for what lies beyond the end
                return np.zeros((0, self.channels), np.float32)
            raise DataError(f"{self.path}: damaged {self.format} file, {_first(error)}; {REPLACE}") from error
        if len(found) < frames and self._place + frames < self.frames:
            found = np.concatenate([found, np.zeros((frames - len(found), self.channels), np.float32)])
        self._place += len(found)
        return found


def _decoder(path: Path, codec: str) -> Any:
    """Raises DataError with the next step where torchcodec or FFmpeg is missing, or finds no sound."""
    convert = f"or convert the file, as by `ffmpeg -i {path.name} {path.stem}.flac`"
    try:
        return import_module("torchcodec.decoders").AudioDecoder(path)
    except ModuleNotFoundError:
        what = "needs torchcodec, which is not installed; install it with: pip install 'multicnn[codec]'"
        raise DataError(f"{path}: {codec} {what}, {convert}") from None
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        if "Could not load" in str(error):  # torchcodec's own code, for lack of what it is linked to
            what = "needs FFmpeg's libraries, which torchcodec cannot load; install them, as by `apt install ffmpeg`"
            raise DataError(f"{path}: {codec} {what}, {convert}") from None
        raise DataError(f"{path}: damaged {codec} file, or one without sound; {REPLACE}") from error


def _first(error: Exception) -> str:
    """The first line of torchcodec's words, without the place in its source."""
    return str(error).splitlines()[0].rsplit(", ", 1)[-1].strip().rstrip(".").lower()
