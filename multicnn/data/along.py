"""Answers that run along their samples: so many numbers for each number of a sample, as the stems of a mixture have."""

from dataclasses import dataclass

import numpy as np

from multicnn.data.store import Store


@dataclass(frozen=True, eq=False)
class Along:
    """What a store holds of samples of different length, `width` numbers a step of their only axis, step by step."""

    store: Store
    width: int

    def windows(self, entries: np.ndarray, length: int) -> np.ndarray:
        """`length` steps of each (row, start) pair, zeros behind a shorter answer.  -> n width length"""
        out = np.zeros((len(entries), length, self.width), dtype=self.store.values.dtype)
        for line, (row, start) in zip(out, entries, strict=True):
            own = self.store[row]
            part = own[start * self.width : (start + length) * self.width]
            line[: len(part) // self.width] = part.reshape(-1, self.width)
        return np.ascontiguousarray(out.swapaxes(1, 2))


Target = np.ndarray | Along  # a row a sample, or answers along the samples
