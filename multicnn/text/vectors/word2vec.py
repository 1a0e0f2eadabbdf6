"""word2vec's binary layout: `words dim`, a line end, then for each word its bytes, a space and its numbers."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors import index as indexed
from multicnn.text.vectors.kept import kept
from multicnn.text.vectors.odd import unicode
from multicnn.text.vectors.table import Listed, described

LONGEST_WORD = 10_000  # bytes; no space within so many means that this is no such file


def open_binary(path: Path) -> Listed:
    """The vectors of a file in that layout. Raises DataError naming the first word that is cut short or too long."""

    def build(folder: Path) -> dict[str, Any]:
        words, places, dim = scan(path)
        coded, odd = unicode(words)
        index = indexed.build(coded)
        index.save(folder)
        np.save(folder / "places.npy", places)
        return {"dim": dim, "said": described("word2vec binary", index, dim, odd)}

    folder, facts = kept(path, "word2vec", build)
    places = np.load(folder / "places.npy", mmap_mode="r")
    data = np.memmap(path, dtype=np.uint8, mode="r")
    width = 4 * facts["dim"]

    def read(rows: np.ndarray) -> np.ndarray:
        out = np.empty((len(rows), width), dtype=np.uint8)
        for line, place in zip(out, places[rows].tolist(), strict=True):
            line[:] = data[place : place + width]
        return out.view("<f4").astype(np.float32, copy=False)

    return Listed(path, facts["dim"], indexed.load(folder), read, tuple(facts["said"]))


def scan(path: Path) -> tuple[Sequence[bytes], np.ndarray, int]:
    """The words, (n,) where the numbers of each begin, and how many numbers each has."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = data.find(b"\n")
        count, dim = map(int, data[:end].split())
        words, places, at, width = [], np.empty(count, dtype=np.int64), end + 1, 4 * dim
        for row in range(count):
            space = data.find(b" ", at, at + LONGEST_WORD)
            if space < 0 or space + 1 + width > len(data):
                raise DataError(
                    f"{path}: cut short or damaged at word {row + 1:,} of {count:,} (byte {at:,}); fetch the file again"
                )
            words.append(data[at:space].lstrip(b"\n"))
            places[row] = space + 1
            at = space + 1 + width
    return words, places, dim
