"""Made-up samples, for where no real ones are at hand."""

import numpy as np

from multicnn.data.reader import Reader, cell

LENGTH = 64  # steps of a sample that may have any
NUMBERS = 32  # whole numbers below it are taken for anything: words, pixels


def synthetic(reader: Reader, n: int = 2, seed: int = 0) -> np.ndarray:
    """A raw batch of noise as `reader` might have read it.  -> n ..."""
    random = np.random.default_rng(seed)
    shape = reader.shape or (reader.window or LENGTH, *cell(reader))
    if reader.dtype.kind == "f":
        return random.normal(size=(n, *shape)).astype(reader.dtype)
    least, most = (-3000, 3000) if reader.dtype.kind == "i" and reader.dtype.itemsize == 2 else (0, NUMBERS)
    return random.integers(least, most, (n, *shape)).astype(reader.dtype)
