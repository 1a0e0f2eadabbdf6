"""From words with their looks to channels: a vector for each distinct word of a batch, put in all its places."""

from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from multicnn.data.random import GOLDEN, MIX_A, mix
from multicnn.text.entities.features import CODES, LETTERS, WIDTH
from multicnn.text.entities.reader import TokenReader
from multicnn.text.frontend import vectors
from multicnn.text.pretrained import Vectors
from multicnn.text.reader import FIRST, PADDING
from multicnn.zoo.types import Types

HASHES = WIDTH - LETTERS


class Tokens(nn.Module):
    """The vectors of a word, of its ends and its shape, and what a convolution finds in its letters, side by side.

    dim: of learnt word vectors. mode, spread: what becomes of those of a file, where the reader has one, see `Vectors`.
    looks: numbers for each of prefix, two suffixes and shape, from tables of `rows` that words share by their hashes,
    as spaCy's (Honnibal, Montani 2017). letters: filters over `reach` letters, of which each word keeps the strongest
    answers (dos Santos, Guimarães 2015, arxiv.org/abs/1505.05008), 0 for none. mixed: channels of a layer over all
    that, 0 for none. drop: of the numbers at each place.
    b t 1+WIDTH -> b channels t, float32
    """

    rank = 1
    reads = TokenReader

    def __init__(
        self,
        reader: TokenReader,
        *,
        dim: int = 64,
        mode: Literal["static", "nonstatic", "multichannel"] = "static",
        spread: float = 0.0,
        looks: int = 24,
        rows: int = 4000,
        letters: int = 32,
        reach: int = 3,
        mixed: int = 0,
        drop: float = 0.3,
    ) -> None:
        super().__init__()
        self.rows, self.known = rows, FIRST + len(reader.words)
        self.given = Vectors(reader, mode=mode, spread=spread) if reader.vectors.path else None  # pyright: ignore[reportArgumentType]
        self.learnt = vectors(self.known, dim, 0.1) if dim else None
        self.looks = nn.ModuleList(vectors(1 + rows, looks, 0.1) for _ in range(HASHES if looks else 0))
        self.letters = Letters(letters, reach) if letters else None
        width = (self.given.channels if self.given else 0) + dim + looks * HASHES + letters
        self.mix = nn.Sequential(nn.Linear(width, mixed), nn.GELU(), nn.LayerNorm(mixed)) if mixed else nn.Identity()
        self.channels = mixed or width
        self.drop = nn.Dropout(drop)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Read the vectors of the file."""
        if self.given:
            self.given.fit(batches)

    def meet(self, reader: TokenReader) -> None:
        """Take the vectors of words that the reader has met since."""
        if self.given:
            self.given.meet(reader)  # pyright: ignore[reportArgumentType]

    def forward(self, raw: Tensor) -> Tensor:
        if torch.compiler.is_compiling():  # no graph can tell how many words differ
            return self.drop(self.vectors(raw.flatten(0, 1)).unflatten(0, raw.shape[:2])).mT
        rows, places = distinct(raw)
        return self.drop(self.vectors(rows)[places]).mT

    def types(self, raw: Tensor) -> Types | None:
        """The vectors of the distinct words, padding first; None behind dropout.  b t 1+WIDTH -> u channels, b t"""
        if self.training and self.drop.p > 0:
            return None
        rows, places = distinct(raw)
        vectors = self.vectors(rows)
        return Types(torch.cat([vectors.new_zeros(1, self.channels), vectors]), places + 1)

    def vectors(self, rows: Tensor) -> Tensor:
        """Of some words.  u 1+WIDTH -> u channels, zero for padding"""
        word, hashes, letters = rows[:, 0], rows[:, 1 : 1 + HASHES], rows[:, 1 + HASHES :]
        found = [self.given.rows(self.given.places(word))] if self.given else []
        if self.learnt is not None:
            found.append(self.learnt(torch.where(word < self.known, word, PADDING)))
        places = torch.where(hashes > 0, 1 + hashes % self.rows, PADDING)
        found += [table(places[:, n]) for n, table in enumerate(self.looks)]
        if self.letters:
            found.append(self.letters(letters))
        return self.mix(torch.cat(found, 1)) * (word != PADDING)[:, None]


class Letters(nn.Module):
    """What `width` filters over `reach` letters find in a word, each the most.  u LETTERS -> u width"""

    def __init__(self, width: int, reach: int, *, dim: int = 16) -> None:
        super().__init__()
        self.table = vectors(CODES, dim, 0.3)
        self.conv = nn.Conv1d(dim, width, reach, padding=reach - 1)

    def forward(self, letters: Tensor) -> Tensor:
        return self.conv(self.table(letters).mT).amax(2).relu()


def distinct(raw: Tensor) -> tuple[Tensor, Tensor]:
    """The words that differ, and which of them stands in each place.  b t c -> u c, b t"""
    flat = raw.flatten(0, 1)
    salt = mix(torch.arange(1, flat.shape[1] + 1, device=raw.device, dtype=torch.int64) * GOLDEN)
    key = mix((mix(flat.long() + salt) * MIX_A).sum(1))
    found, places = key.unique(return_inverse=True)
    first = torch.full_like(found, len(key)).scatter_reduce(
        0, places, torch.arange(len(key), device=raw.device), "amin"
    )
    return flat[first], places.view(raw.shape[:2])
