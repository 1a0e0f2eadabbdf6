"""From word numbers to vectors that were learnt elsewhere, on far more text."""

from collections.abc import Iterable
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from multicnn.errors import UsageError
from multicnn.text.frontend import vectors
from multicnn.text.reader import FIRST, PADDING, WordReader
from multicnn.zoo.types import Types, distinct


class Vectors(nn.Module):
    """A vector for each word from a file, which training moves or leaves as it is. Kim 2014, arxiv.org/abs/1408.5882.

    mode: static, nonstatic, or multichannel: both, one behind the other. Words of the training texts that the file
    lacks begin at zero, or at random values that spread as those of the others do; words that the file knows and
    training did not have keep its vector. A stem stands for its most frequent word, an unknown word begins at zero.
    spread: standard deviation that the elements are brought to, as files differ by ten times; 0 leaves them as they
    are. drop: of the vectors' elements.
    b t -> b dim t, or b (2 dim) t of multichannel, float32
    """

    rank = 1
    factor: Tensor
    still: Tensor
    further: Tensor
    stems: Tensor

    def __init__(
        self,
        reader: WordReader,
        *,
        mode: Literal["static", "nonstatic", "multichannel"] = "nonstatic",
        unknown: Literal["zero", "random"] = "zero",
        spread: float = 0.5,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        if not reader.vectors.path:
            raise UsageError("the front-end vectors needs a file of them; add --vectors FILE, or take embedding")
        self.known, self.added, dim = FIRST + len(reader.words), len(reader.added), reader.vectors.dim
        if spread < 0:
            raise UsageError(f"spread of the front-end vectors is {spread}; it must be at least 0")
        self.mode, self.unknown, self.spread = mode, unknown, spread
        self.channels = 2 * dim if mode == "multichannel" else dim
        self.learnt = None if mode == "static" else vectors(self.known, dim, 0.0)
        self.first = self.known if mode == "nonstatic" else 0  # of the places that have a row in `still`, behind a zero
        self.register_buffer("still", torch.zeros(1 + self.known + self.added - self.first, dim))
        self.register_buffer("factor", torch.ones(()))
        self.register_buffer("further", torch.zeros(0, dim), persistent=False)
        self.register_buffer("stems", stem_words(reader), persistent=False)
        self.reader: WordReader | None = reader
        self.drop = nn.Dropout(drop)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Read the vectors."""
        assert self.reader is not None
        found, there = self.reader.vectors.vectors([*self.reader.words, *self.reader.added])
        if self.spread and found[there].std() > 0:
            self.factor.fill_(self.spread / float(found[there].std()))
            found *= self.factor.numpy()
        if self.unknown == "random":
            found[~there] = alike(found[there], int((~there).sum()), found.shape[1])
        rows = torch.cat([torch.zeros(FIRST, found.shape[1]), torch.from_numpy(found)])
        with torch.no_grad():
            self.still[1:] = rows[self.first :]
            if self.learnt is not None:
                self.learnt.weight.copy_(rows[: self.known])
        self.reader = None

    def meet(self, reader: WordReader) -> None:
        """Take the vectors of words that a reader has met since; those of another time are forgotten."""
        found, _ = reader.vectors.vectors(reader.added[self.added :])
        self.further = torch.from_numpy(found).to(self.still) * self.factor

    def forward(self, raw: Tensor) -> Tensor:
        return self.drop(self.rows(self.places(raw)).transpose(1, 2))

    def types(self, raw: Tensor) -> Types | None:
        """By distinct words, of which an unknown one of a known stem is no other than that of the stem."""
        if self.training and self.drop.p:
            return None
        values, where = distinct(self.places(raw))
        return Types(self.rows(values), where)

    def places(self, raw: Tensor) -> Tensor:
        """The row of each number: those of stems are those of their words, those of added words come last.  like raw"""
        n = len(self.stems)
        if not n:
            return raw
        stem = (raw - self.known).clamp(0, n - 1)
        return torch.where(raw < self.known, raw, torch.where(raw < self.known + n, self.stems[stem], raw - n))

    def rows(self, places: Tensor) -> Tensor:
        """The vectors at places.  * -> * channels"""
        still = self.fixed((places - self.first + 1).clamp(min=0))
        if self.learnt is None:
            return still
        moved = self.learnt(torch.where(places < self.known, places, PADDING))
        if self.mode == "nonstatic":
            return moved + still
        fixed = torch.where((places < self.known)[..., None], 0.0, still)
        return torch.cat([moved + fixed, still], dim=-1)

    def fixed(self, places: Tensor) -> Tensor:
        """The vectors of the file: of words known when the net was made, and behind them of those met since."""
        n = len(self.still)
        if not len(self.further):
            return embedding(places, self.still)
        met = embedding((places - n).clamp(min=0), self.further)  # joining the tables would copy both, each time
        return torch.where((places < n)[..., None], embedding(places.clamp(max=n - 1), self.still), met)


def stem_words(reader: WordReader) -> Tensor:
    """The number of the word that each stem stands for.  -> stems"""
    first: dict[str, int] = {}
    for word in reader.words:
        first.setdefault(word[: reader.stem], reader.numbers[word])
    return torch.tensor([first[stem] for stem in reader.stems], dtype=torch.int64)


def alike(known: np.ndarray, n: int, dim: int) -> np.ndarray:
    """`n` random vectors, even within the range whose variance is that of the known ones' elements.  -> n dim"""
    spread = float(known.std()) if known.size else 0.1
    return (torch.rand(n, dim).numpy() * 2 - 1) * np.float32(3**0.5 * spread)
