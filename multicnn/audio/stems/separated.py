"""What a net has separated: signals on disk until they are written, for a long sound's do not fit into memory."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, permutations
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from multicnn.audio.decode import opened
from multicnn.audio.stems.reader import MixtureReader
from multicnn.errors import DataError

BLOCK = 1 << 16  # samples of each stem in memory at once
PLAIN = 120  # characters of a name that a file system takes in any alphabet


@dataclass(frozen=True, eq=False)
class Separated:
    """A mixture's stems at the net's rate, and what is needed to write them at the file's own.

    signals: t s, float32, 1 being full scale, in a temporary file that goes with them.  own: Hz of the mixture's file.
    frames: its length.
    """

    id: str
    classes: tuple[str, ...]
    signals: np.ndarray
    rate: int
    own: int
    frames: int
    error = None

    @property
    def stems(self) -> dict[str, np.ndarray]:
        """Each stem, as long as the mixture and at its rate.  -> t, float32"""
        return {name: np.concatenate([*self.blocks(k)]) for k, name in enumerate(self.classes)}

    def blocks(self, k: int) -> Iterator[np.ndarray]:
        """A stem at the mixture's own rate, piece by piece, to the sample as long.  -> t, float32"""
        left = self.frames
        for block in resampled((b[:, k] for b in self._read()), self.rate, self.own):
            yield block[:left]
            left -= len(block[:left])
        if left:
            yield np.zeros(left, dtype=np.float32)

    def levels(self) -> dict[str, float | None]:
        """Root mean square of each stem in dB, full scale being 0; None for silence."""
        energy = sum((b.astype(np.float64) ** 2).sum(0) for b in self._read()) / max(1, len(self.signals))
        return {name: decibels(float(e)) for name, e in zip(self.classes, np.atleast_1d(energy), strict=True)}

    def _read(self) -> Iterator[np.ndarray]:
        for start in range(0, len(self.signals), BLOCK):
            yield np.ascontiguousarray(self.signals[start : start + BLOCK])

    def record(self) -> dict[str, Any]:
        return Kept.of(self, {}).record()

    def cells(self) -> list[list[str]]:
        return Kept.of(self, {}).cells()


@dataclass(frozen=True)
class Kept:
    """What remains of stems once they are written: their files and levels.  seconds: of the mixture."""

    id: str
    seconds: float
    rate: int
    levels: dict[str, float | None]
    files: dict[str, str]
    error = None

    @classmethod
    def of(cls, found: Separated, files: dict[str, str]) -> "Kept":
        return cls(found.id, found.frames / found.own, found.own, found.levels(), files)

    def record(self) -> dict[str, Any]:
        stems = {
            name: {"level_db": level} | ({"file": self.files[name]} if name in self.files else {})
            for name, level in self.levels.items()
        }
        return {"id": self.id, "seconds": self.seconds, "rate": self.rate, "stems": stems}

    def cells(self) -> list[list[str]]:
        """A line a stem."""
        return [
            [self.id, f"{self.seconds:.6g}", name, "" if level is None else f"{level:.2f}", self.files.get(name, "")]
            for name, level in self.levels.items()
        ]


def collected(
    name: str,
    item: Any,
    reader: MixtureReader,
    classes: tuple[str, ...],
    answers: Iterator[np.ndarray],
    *,
    permute: bool,
) -> Separated:
    """The answers to all pieces of a mixture, what lies around each left out.  s t each -> signals"""
    pieces = ordered(reader.inside(answers)) if permute else (piece for _, piece in reader.inside(answers))
    try:
        with TemporaryFile(prefix="multicnn-stems-") as file:
            for piece in pieces:
                file.write(np.ascontiguousarray(piece.T, dtype=np.float32).data)
            if not file.tell():
                raise DataError(f"{name}: no samples; give a sound that has some")
            file.flush()
            signals = np.memmap(file, dtype=np.float32, mode="r").reshape(-1, len(classes))  # outlives the file's name
    except OSError as error:
        reason = f"its stems do not fit into the temporary folder, {error.strerror}"
        raise DataError(f"{name}: {reason}; free some space, or set TMPDIR to another folder") from error
    return Separated(name, classes, signals, reader.rate, *measure(item, reader.rate, len(signals)))


def ordered(answers: Iterator[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """Pieces of sources of one kind, each in the order of the one before.  s b, s t each -> s t"""
    last = np.zeros((0, 0))
    for before, piece in answers:
        last = piece[same_order(last, before)] if before.shape[1] else piece
        yield last


def measure(item: Any, rate: int, length: int) -> tuple[int, int]:
    """Rate and samples of the mixture itself; of what decodes, where a header promises something else."""
    if isinstance(item, np.ndarray):
        return rate, length
    with opened(item) as file:
        own, promised = file.samplerate, file.frames
    decoded = length * own / rate
    return own, promised if abs(promised - decoded) <= max(1.0, 2 * own / rate) else round(decoded)


def same_order(before: np.ndarray, again: np.ndarray) -> np.ndarray:
    """The order of the sources of `again` that goes on with `before`, which tells of the same time.  s t, s t -> s"""
    n = min(before.shape[1], again.shape[1])
    alike = before[:, before.shape[1] - n :] @ again[:, again.shape[1] - n :].T
    places = np.arange(len(alike))
    return np.array(max(permutations(range(len(alike))), key=lambda order: alike[places, order].sum()))


def resampled(blocks: Iterator[np.ndarray], rate: int, own: int) -> Iterator[np.ndarray]:
    """float32 of one rate as float32 of another, by the resampler that reads sounds."""
    from soxr import ResampleStream

    if rate == own:
        yield from blocks
        return
    change = ResampleStream(rate, own, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield change.resample_chunk(block)
    yield change.resample_chunk(np.zeros(0, np.float32), last=True)


def write(found: Separated, folder: Path) -> dict[str, str]:
    """Each stem as `folder/NAME/STEM.wav` of 32-bit floating samples, which clip nothing; paths below `folder`."""
    from soundfile import SoundFile

    place = free_folder(folder, found.id, found.classes)
    (folder / place).mkdir(parents=True, exist_ok=True)
    written = {}
    for k, name in enumerate(found.classes):
        written[name] = f"{place}/{plain(name)}.wav"
        with SoundFile(folder / written[name], "w", found.own, 1, subtype="FLOAT", format="WAV") as out:
            out.comment = found.id
            for block in found.blocks(k):
                out.write(block)
    return written


def free_folder(folder: Path, name: str, classes: tuple[str, ...]) -> str:
    """A sample's folder, with a number where another sample has it."""
    stem = plain(Path(name).stem)
    names = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return next(f for f in names if owner(folder / f / f"{plain(classes[0])}.wav") in (None, name))


def owner(path: Path) -> str | None:
    """The sample that a stem is of; None where there is none yet."""
    if not path.parent.exists():
        return None
    try:
        with opened(path) as file:
            return file.comment
    except DataError:
        return ""


def plain(name: str) -> str:
    """A name for a file or a folder."""
    return "".join(c if c.isalnum() or c in "-_. " else "-" for c in name)[:PLAIN].strip(". ") or "sound"


def decibels(energy: float) -> float | None:
    """None for nothing."""
    return 10 * math.log10(energy) if energy > 0 else None
