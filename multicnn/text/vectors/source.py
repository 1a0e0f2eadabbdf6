"""The file of vectors that a run was trained with: found again by its path, known again by its content."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors.opened import open_vectors
from multicnn.text.vectors.words import WordVectors, look_up

SLICE, SLICES = 4096, 64  # bytes read at so many places of a file, to know it again


@dataclass(frozen=True, kw_only=True)
class Source:
    """path: "" for no vectors. dim: numbers of a vector. mark: of the content."""

    path: str = ""
    dim: int = 0
    mark: str = ""

    def settings(self) -> dict[str, Any]:
        return asdict(self)

    @cached_property
    def lost(self) -> str:
        """Why the vectors cannot be asked any more, in a sentence; "" where they can."""
        path = Path(self.path)
        if not path.is_file():
            return f"{path}: the word vectors are gone; put them back, until then words that are new are unknown"
        if mark(path) != self.mark:
            return f"{path}: not the word vectors of the training; put those back, until then new words are unknown"
        return ""

    @cached_property
    def opened(self) -> WordVectors:
        return open_vectors(self.path)

    def known(self, words: Sequence[str]) -> list[str]:
        """Those words that have a vector; none where the file is lost."""
        if not self.path or self.lost or not words:
            return []
        _, found = look_up(self.opened, words)
        return [word for word, there in zip(words, found.tolist(), strict=True) if there]

    def vectors(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(n, dim) float32 and (n,) whether there is one. Raises DataError where the file is lost."""
        if self.lost:
            raise DataError(self.lost)
        return look_up(self.opened, words)


def source(path: str) -> Source:
    """The vectors at a path. Raises DataError for a file that holds none."""
    if not path:
        return Source()
    place = Path(path).expanduser().absolute()
    dim = open_vectors(place).dim
    return Source(path=str(place), dim=dim, mark=mark(place))


def mark(path: Path) -> str:
    """A fingerprint of a file's size and of pieces all over it."""
    size = path.stat().st_size
    digest = blake2b(str(size).encode(), digest_size=10)
    with open(path, "rb") as file:
        for place in np.linspace(0, max(0, size - SLICE), SLICES).astype(np.int64).tolist():
            file.seek(place)
            digest.update(file.read(SLICE))
    return digest.hexdigest()
