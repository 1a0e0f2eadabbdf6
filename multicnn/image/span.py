"""Numbers that have no black and white of their own (floats, signed or long integers): measured, and made 16-bit."""

from collections.abc import Iterable, Sequence

import numpy as np

from multicnn.errors import DataError

PIXELS = (np.bool_, np.uint8, np.uint16)  # whose black is 0 and whose white is the largest number
TAIL = 0.05  # per cent of the values at either end that may be outliers
MOST = 1_000_000  # values of a sample that are looked at


def is_pixels(array: np.ndarray) -> bool:
    """Whether its type says what is black and what is white."""
    return array.dtype in PIXELS


def spread(array: np.ndarray, span: tuple[float, float] | None) -> np.ndarray:
    """16 bits from the value of black, 0, to that of white, 65,535, rounded; what lies beyond is cut off.

    Raises DataError for values that are no numbers, and where no span is known.
    """
    refuse_strange(array)
    if span is None:
        raise DataError(f"{array.dtype}: has no agreed black and white; give both values, as --set reader.span=[0,1]")
    low, high = span
    share = (array.astype(np.float64) - low) / (high - low)
    return np.rint(share.clip(0, 1) * 65535).astype(np.uint16)


def refuse_strange(array: np.ndarray) -> None:
    """Raises DataError that says where the first value lies which is not a finite real number."""
    if array.dtype.kind not in "biuf":
        raise DataError(f"holds {array.dtype}, not real numbers; save it as whole or floating-point numbers")
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        where = np.unravel_index(int(finite.argmin()), array.shape)
        place = ", ".join(map(str, where))
        raise DataError(f"the value at [{place}] is {array[where]}; put a number in its place, such as the background")


def measure(samples: Iterable[np.ndarray]) -> tuple[float, float] | None:
    """The values to be black and white: the range of whole numbers; of floats, that without far outliers.

    What is further from the 0.05th and 99.95th percentile than half the distance between them counts as far.
    None where all values are the same, or there is no sample.
    """
    looked = [_some(sample) for sample in samples]
    if not looked:
        return None
    low, high = min(float(a.min()) for a in looked), max(float(a.max()) for a in looked)
    if any(a.dtype.kind == "f" for a in looked):
        near, far = np.percentile(np.concatenate([a.astype(np.float64) for a in looked]), [TAIL, 100 - TAIL])
        slack = (far - near) / 2
        low, high = max(low, near - slack), min(high, far + slack)
    return (low, high) if low < high else None


def checked(span: Sequence[float] | None) -> tuple[float, float] | None:
    """The span that a user or a file of settings gives. Raises DataError for none."""
    if span is None:
        return None
    if len(span) != 2 or not np.isfinite(list(map(float, span))).all() or span[0] == span[1]:
        raise DataError(f"span is {[*span]}; give two different numbers, the values of black and of white")
    return float(span[0]), float(span[1])


def _some(sample: np.ndarray) -> np.ndarray:
    """At most a million of its values, evenly; a stride without factors in common with usual sizes."""
    step = -(-sample.size // MOST)
    return sample.reshape(-1)[:: step + (step > 1 and step % 2 == 0)]
