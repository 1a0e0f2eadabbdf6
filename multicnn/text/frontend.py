"""From word numbers to channels: learnt vectors, or one channel a word."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from multicnn.errors import UsageError
from multicnn.text.reader import FIRST, PADDING, WordReader
from multicnn.zoo.types import Types, distinct

MOST_CHANNELS = 5000  # of one-hot; beyond, a batch costs gigabytes


def stem_of(reader: WordReader) -> Tensor:
    """The stem of every word number, from 1 on; 0 where it has none. A stem is its own.  -> size"""
    base = FIRST + len(reader.words) - 1
    words = [reader.stems.get(w[: reader.stem], base) - base for w in reader.words]
    return torch.tensor([0] * FIRST + words + list(range(1, len(reader.stems) + 1)))


def refuse_vectors(reader: WordReader, name: str) -> None:
    """Raises UsageError where the user brings vectors that the front-end does not take."""
    if reader.vectors.path:
        raise UsageError(f"--vectors: the front-end {name} learns its own; take --frontend vectors, or leave it out")


def pair_keys(reader: WordReader) -> Tensor:
    """Each pair as one number, left * size + right, in ascending order.  -> pairs"""
    sides = [p.split(" ") for p in reader.pairs]
    keys = [reader.numbers[left] * reader.size + reader.numbers[right] for left, right in sides]
    return torch.tensor(keys, dtype=torch.int64).sort().values


class Embedding(nn.Module):
    """A learnt vector for each word, plus that of its stem, plus that of the pair it makes with the next word.

    A word differs from its stem by what was learnt of it alone, so that an unknown word of a known stem has a meaning;
    likewise a pair from its two words. As convolutions over words in one-hot form these are of width 1 and 2 (Johnson
    and Zhang 2015, arXiv 1412.1058). Padding is zero and stays zero; so does a pair that is not in the vocabulary.
    scale: standard deviation of words and stems at the start; small, as a rare word should start without an opinion.
    drop: of the vectors' elements.
    b t -> b dim t, float32
    """

    rank = 1
    stem_of: Tensor
    keys: Tensor

    def __init__(self, reader: WordReader, *, dim: int = 64, scale: float = 0.03, drop: float = 0.0) -> None:
        super().__init__()
        refuse_vectors(reader, "embedding")
        self.channels, self.size, self.words = dim, reader.size, FIRST + len(reader.words)
        self.word = vectors(self.words, dim, scale)
        self.stem = vectors(1 + len(reader.stems), dim, scale)
        self.pair = vectors(1 + len(reader.pairs), dim, 0.0)
        self.register_buffer("stem_of", stem_of(reader), persistent=False)
        self.register_buffer("keys", pair_keys(reader), persistent=False)
        self.drop = nn.Dropout(drop)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Nothing to measure: the vectors are learnt."""

    def forward(self, raw: Tensor) -> Tensor:
        return self.drop(self.sum(raw, self.pairs(raw)).transpose(1, 2))

    def types(self, raw: Tensor) -> Types | None:
        """By distinct words, or, where pairs have vectors, by distinct words with their pairs."""
        if self.training and self.drop.p:
            return None
        kinds = len(self.keys) + 1
        values, places = distinct(raw * kinds + self.pairs(raw))
        return Types(self.sum(values // kinds, values % kinds), places)

    def look_up(self, numbers: Tensor) -> Tensor | None:
        """Of words and stems alone; None where pairs have vectors.  u -> u dim"""
        return None if len(self.keys) else self.sum(numbers, numbers)

    def sum(self, raw: Tensor, pairs: Tensor) -> Tensor:
        """Vectors of words, stems and pairs, added up.  ... -> ... dim"""
        x = self.word(torch.where(raw < self.words, raw, PADDING))
        x = x + self.stem(self.stem_of[raw]) if len(self.stem.weight) > 1 else x
        return x + self.pair(pairs) if len(self.keys) else x

    def pairs(self, raw: Tensor) -> Tensor:
        """The number of the pair that a word makes with the next, 0 where it is not in the vocabulary.  b t -> b t"""
        if not len(self.keys):
            return torch.zeros_like(raw, dtype=torch.int64)
        raw = raw.long()
        key = raw * self.size + pad(raw[:, 1:], (0, 1))
        place = torch.searchsorted(self.keys, key).clamp(max=len(self.keys) - 1)
        return torch.where(self.keys[place] == key, place + 1, PADDING)


def vectors(n: int, dim: int, scale: float) -> nn.Embedding:
    """`n` vectors to be learnt, of which the first is zero for ever."""
    table = nn.Embedding(n, dim, padding_idx=PADDING)
    nn.init.normal_(table.weight, std=scale)
    with torch.no_grad():
        table.weight[PADDING] = 0.0
    table.weight.requires_grad_(n > 1)  # else there is nothing to learn, and several processes would wait for it
    return table


class OneHot(nn.Module):
    """A channel for the unknown word, for each word and for each stem; padding has none.

    A word lights its own channel and that of its stem. Raises UsageError for more than 5,000 channels.
    b t -> b channels t
    """

    rank = 1
    stem_of: Tensor

    def __init__(self, reader: WordReader) -> None:
        super().__init__()
        refuse_vectors(reader, "onehot")
        self.channels = reader.size - 1
        if self.channels > MOST_CHANNELS:
            raise UsageError(
                f"one-hot: {self.channels:,} channels for {len(reader.words):,} words are too many; "
                f"set max_vocabulary below {MOST_CHANNELS:,} with stem 0, or take the embedding"
            )
        self.words = FIRST + len(reader.words)
        self.register_buffer("stem_of", stem_of(reader), persistent=False)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Nothing to measure."""

    def forward(self, raw: Tensor) -> Tensor:
        stem = self.stem_of[raw]
        lit = torch.zeros(len(raw), 1 + self.channels, raw.shape[1], device=raw.device)
        lit.scatter_(1, raw.long()[:, None], 1.0)
        lit.scatter_(1, torch.where(stem > 0, stem + self.words - 1, raw).long()[:, None], 1.0)
        return lit[:, 1:]
