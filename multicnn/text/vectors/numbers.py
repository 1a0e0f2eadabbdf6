"""Numbers that stand in files as text."""

import warnings
from collections.abc import Sequence

import numpy as np


def numbers(texts: Sequence[bytes], dim: int) -> np.ndarray | None:
    """(n, dim) float32 of texts with `dim` numbers each; None where one has others, or something else in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = np.fromstring(b" ".join(texts).decode("ascii"), dtype=np.float32, sep=" ")
        except (Warning, ValueError):
            return None
    return found.reshape(-1, dim) if found.size == len(texts) * dim else None


def are_numbers(pieces: Sequence[bytes]) -> bool:
    """Whether there are some, all numbers."""
    try:
        return all(float(piece) is not None for piece in pieces) and bool(pieces)
    except ValueError:
        return False
