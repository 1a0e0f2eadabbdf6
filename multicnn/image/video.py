"""One film clip, from a file, a folder of frames or memory, as frames of one number and size."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.image import clip
from multicnn.image.decode import named
from multicnn.image.reader import ImageReader, spaced

LARGEST = 64  # pixels a side, unless the user asks for more
FRAMES = 8
LOOKED_AT = 20  # training clips whose first frames decide


@dataclass(frozen=True, kw_only=True)
class VideoReader:
    """Reads `frames` frames, evenly over a clip, each as `ImageReader` reads a picture with 8 bits.

    said: what planning found out, for the user.
    -> c t h w, uint8
    """

    frames: int
    size: tuple[int, int]
    channels: int = 3
    resize: str = "crop"
    background: tuple[int, int, int] = (255, 255, 255)
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None  # all clips have one size
    quantum = 1
    depth = 8
    dtype = np.dtype(np.uint8)

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise UsageError(f"frames is {self.frames}; a clip has at least one")
        object.__setattr__(self, "size", self.picture.size)
        object.__setattr__(self, "background", self.picture.background)

    @property
    def picture(self) -> ImageReader:
        """What reads one frame."""
        return ImageReader(size=self.size, channels=self.channels, resize=self.resize, background=self.background)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, self.frames, *self.size)

    def files(self, item: Any) -> Sequence[str]:
        if isinstance(item, np.ndarray):
            return ()
        return clip.frames_of(item) if os.path.isdir(item) else (os.fspath(item),)

    def settings(self) -> dict[str, Any]:
        own = {"frames": self.frames, "size": list(self.size), "channels": self.channels}
        return own | {"resize": self.resize, "background": list(self.background)}

    def __call__(self, item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
        """A film, a folder of frames, or an array `t h w` or `t h w c` of uint8.  -> c t h w"""
        with named(f"array of shape {item.shape}" if isinstance(item, np.ndarray) else item):
            if isinstance(item, np.ndarray):
                if item.ndim not in (3, 4) or item.size == 0:
                    raise DataError("not a clip; give frames x height x width, or that with channels")
                kept = [self.picture(item[i]) for i in clip.middles(len(item), self.frames)]
            elif clip.is_clip(item):
                kept = clip.load(item, self.frames, self.picture, self.size)
            else:
                raise DataError(f"not a film ({', '.join(clip.FILMS)}) or a folder of frames; make the samples alike")
            return np.stack(kept, axis=1)


def plan_video(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: Sequence[int] | int | None = None,
    frames: int = FRAMES,
    channels: int | None = None,
    resize: str = "crop",
    background: tuple[int, int, int] = (255, 255, 255),
) -> VideoReader:
    """A reader for a set of clips, what the user left open decided by up to 20 of its training rows.

    image_size: a side or (height, width) in pixels; left open, as they are, if all have one size of at most 64 x 64,
    else a square of their median shorter side, at most 64. channels: left open, 3. Raises DataError where none of them
    can be read.
    """
    looked = _looked(table, rows)
    if image_size is None:
        one = len(set(looked)) == 1 and max(looked[0]) <= LARGEST
        image_size = looked[0] if one else min(LARGEST, int(np.median([min(s) for s in looked])))
    size = (image_size, image_size) if isinstance(image_size, int) else (image_size[0], image_size[-1])
    reader = VideoReader(frames=frames, size=size, channels=channels or 3, resize=resize, background=background)
    low, high = min(looked), max(looked)
    given = f"{low[0]} x {low[1]}" + (f" to {high[0]} x {high[1]}" if low != high else "")
    said = f"clips of {given} pixels become {frames} frames of {size[0]} x {size[1]} ({resize}), evenly over each"
    return replace(reader, said=(f"{said}; set others with --image-size and --set reader.frames=N",))


def _looked(table: Table, rows: np.ndarray) -> list[tuple[int, int]]:
    """Height and width of clips spread evenly over the training rows; a bad file is left for the store to name."""
    found: list[tuple[int, int]] = []
    reason = DataError(f"{table.name}: no training clips; give a set with at least one")
    for row in spaced(rows, LOOKED_AT):
        item = table.items[row]
        try:
            with named(str(table.ids[row])):
                frame = (
                    item[0] if isinstance(item, np.ndarray) else clip.load(item, 1, lambda pixels: pixels, (1, 1))[0]
                )
            found.append((frame.shape[0], frame.shape[1]))
        except DataError as error:
            reason = error
    if not found:
        raise reason
    return found
