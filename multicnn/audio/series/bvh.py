"""BVH, the motion capture format of Biovision: a skeleton (HIERARCHY) and its joints' angles in time (MOTION)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.audio.series.signal import Signal
from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError

ROTATIONS = ("xrotation", "yrotation", "zrotation")
POSITIONS = ("xposition", "yposition", "zposition")
LARGEST = 500_000_000  # characters of a file


@dataclass
class Skeleton:
    """channels: `Hips.Xrotation`, in the order of a frame's numbers.  open: names of the joints that are being read."""

    channels: list[str]
    open: list[str]
    joint: str = ""


def read_bvh(path: Path) -> Signal:
    """The angles of all joints in degrees, without jumps of a turn; places are left out, as a room has no meaning.

    Raises DataError naming what breaks the format.
    """
    head, motion, body = read_text(path, limit=LARGEST).partition("MOTION")
    if not head.strip().upper().startswith("HIERARCHY") or not motion:
        raise DataError(f"{path}: no HIERARCHY and MOTION; it is no .bvh file, or its end is lost: fetch it again")
    names = _channels(path, iter(head.split()[1:]))
    frames, step, numbers = _motion(path, body)
    if numbers.size != frames * len(names):
        raise DataError(
            f"{path}: {numbers.size:,} numbers, where {frames:,} frames of {len(names)} channels make "
            f"{frames * len(names):,}; its end is lost: fetch it again"
        )
    turns = [i for i, name in enumerate(names) if name.rpartition(".")[2].lower() in ROTATIONS]
    if not turns:
        raise DataError(f"{path}: no joint has an angle; give a recording of rotations")
    angles = numbers.reshape(frames, len(names))[:, turns]
    return Signal(_unwrapped(angles), tuple(names[i] for i in turns), np.arange(frames) * step)


def _channels(path: Path, words: Iterator[str]) -> list[str]:
    """The names of all channels, joint by joint. Raises DataError for a skeleton that is not closed."""
    found = Skeleton([], [])
    for word in words:
        _word(path, word, words, found)
    if found.open:
        raise DataError(f"{path}: joint {found.open[-1]!r} of the skeleton is never closed; fetch the file again")
    if not found.channels:
        raise DataError(f"{path}: its skeleton has no CHANNELS; give a file with joints that move")
    return found.channels


def _word(path: Path, word: str, words: Iterator[str], found: Skeleton) -> None:
    key = word.upper()
    if key in ("ROOT", "JOINT"):
        found.joint = next(words, "")
    elif key == "END":
        found.joint = f"end {next(words, '')}"
    elif key == "{":
        found.open.append(found.joint)
    elif key == "}":
        if not found.open:
            raise DataError(f"{path}: the skeleton has a }} too many; fetch the file again")
        found.open.pop()
    elif key == "OFFSET":
        for _ in range(3):
            next(words, "")
    elif key == "CHANNELS":
        found.channels += [f"{found.joint}.{name}" for name in _listed(path, words, found.joint)]
    else:
        raise DataError(f"{path}: {word[:30]!r} is no word of a skeleton; fetch the file again")


def _listed(path: Path, words: Iterator[str], joint: str) -> list[str]:
    """The channels of one joint, as many as the number before them says."""
    count = next(words, "")
    names = [next(words, "") for _ in range(int(count))] if count.isdigit() else []
    wrong = [n for n in names if n.lower() not in (*ROTATIONS, *POSITIONS)]
    if not count.isdigit() or wrong:
        raise DataError(f"{path}: joint {joint!r} has CHANNELS {count} {' '.join(names)[:60]}; correct their number")
    return names


def _motion(path: Path, body: str) -> tuple[int, float, np.ndarray]:
    """Frames, seconds of one, and all numbers."""
    lines = body.strip().split("\n", 2)
    try:
        frames = int(lines[0].partition(":")[2])
        step = float(lines[1].partition(":")[2])
        numbers = np.array((lines[2] if len(lines) > 2 else "").split(), dtype=np.float64)
    except (ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: MOTION needs Frames:, Frame Time: and numbers ({reason}); correct it") from None
    if frames < 1 or not 0 < step < float("inf"):
        raise DataError(f"{path}: {frames} frames of {step:g} s each; both must be above 0")
    return frames, step, numbers


def _unwrapped(degrees: np.ndarray) -> np.ndarray:
    """Angles that go on beyond 180 instead of jumping by 360.  t c -> same"""
    return np.unwrap(degrees, period=360.0, axis=0)
