"""One sample as a graph takes it; goes into bundles, and so needs nothing but numpy."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from multicnn.data.batches import rounded
from multicnn.data.reader import blank


def batches(reader: Any, item: Any) -> Iterator[np.ndarray]:
    """What is answered for one item: its windows as one batch, or its pieces one after the other.

    Raises DataError for what cannot be read.
    """
    if hasattr(reader, "pieces"):
        yield from (filled(reader, piece)[None] for piece in reader.pieces(item))
        return
    sample = reader(item)
    yield windows(sample, reader.window) if reader.window else filled(reader, sample)[None]


def windows(sample: np.ndarray, window: int) -> np.ndarray:
    """Windows end to end that cover a sample, the last one moved back to end with it.  t ... -> n window ..."""
    room = max(0, len(sample) - window)
    starts = [min(i * window, room) for i in range(-(-room // window) + 1)]
    return np.stack([longer(sample[start : start + window], window) for start in starts])


def filled(reader: Any, sample: np.ndarray) -> np.ndarray:
    """A sample of its own length filled up to one of the lengths that the net learnt with; others as they are."""
    if reader.shape is not None:
        return sample
    return longer(sample, int(rounded(np.array([len(sample)]), reader.quantum)[0]))


def longer(sample: np.ndarray, length: int) -> np.ndarray:
    """Followed by what stands for nothing.  t ... -> length ..."""
    out = np.full((length, *sample.shape[1:]), blank(sample.dtype), dtype=sample.dtype)
    out[: len(sample)] = sample
    return out
